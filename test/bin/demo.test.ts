import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { eventually } from '../eventually.ts'
import { descendants, isRunning, withoutProc } from '../process-tree.ts'

const hasGit = spawnSync('git', ['--version']).status === 0

t.test(
  'npm start shows a render, denied and admitted objects, and four rollouts',
  { skip: hasGit ? false : 'git is not installed' },
  t => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['bin/demo.ts'], {
      encoding: 'utf8'
    })
    t.equal(stderr, '')
    t.equal(status, 0)
    const [rendered = '', ...stages] = stdout
      .slice(stdout.indexOf('A repository'))
      .replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:#')
      .replaceAll(/(?<!\.)\b[0-9a-f]{7,40}/g, '#')
      .replaceAll(/\d{4}-\d\d-\d\d, \d+ days/g, 'DATE, N days')
      .split(/\n\n/)
    t.match(rendered, 'A repository of two commits: # the models, # their bias audits.')
    t.match(rendered, '  Job train-churn-model-#  commit #, model #, signed\n')
    t.match(
      rendered.replaceAll(/\d+ bytes/g, 'N bytes').replaceAll(/sha256:\S+,/g, 'sha256:#,'),
      `Under Flux, which has no plugins, mlgitops serve flux publishes the same render as an ExternalArtifact (docs/flux.md):
  sentiment-staging@sha256:#, 3 objects in N bytes
kustomize, kubectl and kpt call mlgitops fn (docs/kustomize.md).`
    )
    const bySubject = stages.map(stage =>
      stage.split('\n').filter(line => !/field: |fix: /.test(line))
    )
    const pipeline = '  refused   PipelineRun churn-pipeline-#'
    t.same(bySubject.slice(1, 5), [
      [
        '#, the churn model without an audit',
        pipeline,
        '      - require-bias-audit (biasAudit): the model has no bias audit',
        '          found:   no bias_audit.md in models/churn-prediction at commit #'
      ],
      [
        '#, the churn model with an audit of two years ago',
        pipeline,
        '      - require-bias-audit (biasAudit): the bias audit is too old',
        '          found:   DATE, N days ago',
        '          allowed: at most 365 days'
      ],
      [
        '#, the churn model with an audit that finds it unfair',
        pipeline,
        '      - require-bias-audit (biasAudit): the model is not fair enough: demographic_parity_ratio by age-band',
        '          found:   under-30 8.3 %, 30-to-55 21.3 %: ratio 0.388, below 0.8',
        '          allowed: at least 0.8',
        '      - require-bias-audit (biasAudit): the model is not fair enough: equalized_odds_difference by age-band',
        '          found:   true positive rate under-30 30.7 %, 30-to-55 85.0 %: difference 0.543, above 0.1',
        '          allowed: at most 0.1'
      ],
      [
        '#, the churn model with the audit of another model',
        pipeline,
        '      - require-bias-audit (biasAudit): the bias audit covers another model',
        '          found:   sentiment 2.3',
        '          allowed: churn-prediction',
        "      - require-bias-audit (biasAudit): the bias audit does not cover the model's files",
        '          found:   sha256:# (sentiment 2.3)',
        '          allowed: sha256:#'
      ]
    ])
    t.same(bySubject[5], [
      '#, the churn model with its audit',
      '  admitted  InferenceService churn-prediction',
      '  admitted  PipelineRun churn-pipeline-#',
      '  admitted  RegisteredModel churn-prediction',
      '  admitted  Job train-churn-model-#'
    ])
    t.same(bySubject[6]?.slice(-2), [
      '  admitted  RegisteredModel recommender',
      '  admitted  TFJob train-recommender-#'
    ])
    t.same(bySubject[7], [
      'The attestation of the training Job, copied to another image',
      '  refused   Job train-churn-model-#',
      '      - require-bias-audit (biasAudit): no bias audit is verified: this image was not attested',
      '          found:   registry.example.com/ml/miner:#',
      '          allowed: registry.example.com/ml/trainer:#',
      '      - require-provenance (provenance): this image was not attested',
      '          found:   registry.example.com/ml/miner:#',
      '          allowed: registry.example.com/ml/trainer:#'
    ])
    const admitted =
      '      admitted InferenceService churn-prediction, PipelineRun churn-pipeline-#, RegisteredModel churn-prediction, Job train-churn-model-#'
    t.same(bySubject[8], [
      'A change of src/train.py, and its revert',
      '  # models/churn-prediction: audited',
      '      model commit #, digest #',
      admitted,
      '  # models/churn-prediction: another model, which needs an audit',
      '      model commit #, digest #',
      "      refused InferenceService churn-prediction: the bias audit does not cover the model's files, which this URI names",
      "      refused PipelineRun churn-pipeline-#: the bias audit does not cover the model's files",
      "      refused Job train-churn-model-#: the bias audit does not cover the model's files",
      '      admitted RegisteredModel churn-prediction',
      '  # models/churn-prediction: after git revert, its names and its audit again',
      '      model commit #, digest #',
      admitted,
      '  Its manifests differ in the commit only. The Job has its old name, so nothing is trained again.'
    ])
    const scaled =
      '      admitted HorizontalPodAutoscaler sentiment, Canary sentiment, Deployment sentiment'
    t.same(bySubject[9], [
      'CI builds and tags an image of #, and commits the tag',
      '  # models/sentiment: its image is pinned by an ancestor',
      '      model commit #, digest #',
      scaled,
      '  # models/churn-prediction: the same model with another log level',
      '      model commit #, digest #',
      admitted,
      '  # models/sentiment: the same model with another Canary',
      '      model commit #, digest #',
      scaled
    ])
    const names = [...stdout.matchAll(/^ {6}model commit (\w+), digest (\w+)$/gm)].map(
      ([, commit, digest]) => `${commit ?? ''} ${digest ?? ''}`
    )
    const [old = '', changed = '', reverted, image, logLevel, canary] = names
    t.same([reverted, logLevel, canary], [old, old, image], 'the same two names')
    for (const [at, name] of changed.split(' ').entries()) t.not(name, old.split(' ')[at])
    t.same(bySubject[10], ['The webhook stopped with exit code 0.'])
    const judged = bySubject
      .slice(12, 16)
      .map(lines =>
        lines
          .map(line => line.replaceAll(/\d[\d.]*/g, 'N'))
          .filter(line => !/ (?:between N and N|(?:ms|rate) at most N);/.test(line))
      )
    const page = (name: string) => `  page: http://N:N/rollouts/ml/${name}`
    t.same(judged, [
      [
        'digits-rival: a model that is as good',
        '  Flagger: Promotion completed! Scaling down digits-rival.ml (Succeeded)',
        '  verdict after N s: pass',
        '      precision at least N; limit N - margin N; estimate N of N events',
        page('digits-rival')
      ],
      [
        'digits-hasty: a model that was made from N digits',
        '  Flagger: Post-rollout hook post-rollout failed fail: precision at most N; limit N, margin N; estimate N of N events (Failed)',
        '  verdict after N s: fail',
        '      precision at most N; limit N, margin N; estimate N of N events',
        page('digits-hasty')
      ],
      [
        'digits-thorough: a model that is as good, and slow',
        '  Flagger: Post-rollout hook post-rollout failed fail: share of requests slower than N ms at least N; limit N, margin N; estimate N of N requests, PN latency N ms (Failed)',
        '  verdict after N s: fail',
        '      share of requests slower than N ms at least N; limit N, margin N; estimate N of N requests, PN latency N ms',
        page('digits-thorough')
      ],
      [
        'digits-quiet: the model that is as good, with N requests a second',
        '  Flagger: Advance digits-quiet.ml canary weight N (WaitingPromotion)',
        '  verdict after N s: inconclusive',
        page('digits-quiet')
      ]
    ])
    t.same(bySubject[16], ['The analysis stopped with exit code 0.', ''])
    t.end()
  }
)

const skip = hasGit ? withoutProc : 'git is not installed'

/** Starts the demo with the temporary folder `temporary` of a folder. */
function startDemo(t: Test, folder: string, env: NodeJS.ProcessEnv = {}) {
  const temporary = path.join(folder, 'temporary')
  const demo = spawn(process.execPath, ['bin/demo.ts'], {
    env: { ...process.env, TMPDIR: temporary, ...env }
  })
  t.teardown(() => demo.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  demo.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  demo.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  return { demo, output, closed: once(demo, 'close'), pid: demo.pid ?? 0, temporary }
}

t.test('When a process does not start, npm start says why and leaves none', { skip }, async t => {
  const folder = t.testdir({
    'broken.mjs': `if (process.argv[2] === 'thorough') {
      console.error('out of memory')
      process.exit(9)
    }`,
    temporary: {}
  })
  const NODE_OPTIONS = `--import=${path.join(folder, 'broken.mjs')}`
  const { temporary, output, closed } = startDemo(t, folder, { NODE_OPTIONS })
  t.same(await closed, [1, null])
  t.equal(
    output.stderr,
    'mlgitops: the model thorough ended with exit code 9 [DEMO_PROCESS_FAILED]\n  found:    out of memory\n'
  )
  t.same(readdirSync(temporary), [], 'its folder is removed')
})

t.test('Ctrl-C in the middle of npm start leaves no process and no folder', { skip }, async t => {
  const { demo, output, closed, pid, temporary } = startDemo(t, t.testdir({ temporary: {} }))
  await eventually(() => output.stdout.includes('The admission webhook listens'))
  const started = descendants(pid)
  t.ok(started.length >= 5, `the webhook, the analysis and models: ${started.length}`)
  demo.kill('SIGINT')
  t.same(await closed, [130, null])
  t.equal(output.stderr, 'mlgitops: stopped by SIGINT\n')
  t.same(started.filter(isRunning), [])
  t.same(readdirSync(temporary), [])
})

t.test('When npm start is killed, its processes end too', { skip }, async t => {
  const { demo, output, closed, pid } = startDemo(t, t.testdir({ temporary: {} }))
  await eventually(() => output.stdout.includes('The admission webhook listens'))
  const started = descendants(pid)
  t.ok(started.length >= 5, `the webhook, the analysis and models: ${started.length}`)
  demo.kill('SIGKILL')
  await closed
  await eventually(() => !started.some(isRunning))
})
