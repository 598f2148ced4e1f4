import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { digestOf } from '../../bin/demo/repository.ts'
import { run } from '../../bin/run.ts'
import { differences } from '../../bin/differences.ts'
import { generatedFiles } from '../../scripts/generate.ts'
import { TestRepository } from '../plugin/repository.ts'

t.test('generated files are what the tables generate', async t => {
  for (const [file, content] of await generatedFiles()) {
    t.equal(readFileSync(file, 'utf8'), content, `${file}: npm run generate`)
  }
})

t.test('every module loads without doing anything', async t => {
  const modules = globSync('{analysis,common,evidence,plugin,service,webhook}/**/*.ts').filter(
    file => !file.endsWith('.d.ts')
  )
  t.ok(modules.length > 40)
  for (const file of modules) await import(pathToFileURL(path.resolve(file)).href)
})

const hasKustomize = ['kustomize', 'kubectl'].some(
  command =>
    spawnSync(command, ['version', ...(command === 'kubectl' ? ['--client'] : [])]).status === 0
)

t.test('the example repository renders, every path in both environments', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-example-'))
  cpSync('manifests/examples/mlops-repo', folder, { recursive: true })
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  const commit = '0123456'.padEnd(40, '7')
  const kinds = async (application: string, environment: string) => {
    const args = [
      'render',
      application,
      '--environment',
      environment,
      '--revision',
      commit,
      '--output',
      'json'
    ]
    const { stdout, stderr, exitCode } = await run({ args, env: {}, folder })
    if (exitCode !== 0) return stderr
    const { items } = JSON.parse(stdout) as {
      items: { kind: string; metadata: { name: string } }[]
    }
    return items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  }
  const tagOf = async (application: string) => (await digestOf(folder, application)).slice(7, 19)
  const churn = await tagOf('models/churn-prediction')
  const recommender = await tagOf('models/recommender')
  const expected: Readonly<Record<string, readonly string[]>> = {
    'models/churn-prediction': [
      'InferenceService churn-prediction',
      `PipelineRun churn-pipeline-${churn}`,
      'RegisteredModel churn-prediction',
      `Job train-churn-model-${churn}`
    ],
    'models/sentiment': [
      'HorizontalPodAutoscaler sentiment',
      'Canary sentiment',
      'Deployment sentiment'
    ],
    'models/recommender': ['RegisteredModel recommender', `TFJob train-recommender-${recommender}`],
    'platform/argocd': [
      'Application churn-prediction-staging',
      'Application churn-prediction-production'
    ],
    'platform/flux': [
      'Provider ml-chat',
      'Alert ml-chat',
      'Provider ml-commits',
      'Alert ml-commits',
      'ImageRepository sentiment',
      'ImagePolicy sentiment',
      'ImageUpdateAutomation mlops-repo',
      'ModelRelease sentiment-staging',
      'Kustomization sentiment-staging',
      'ModelRelease churn-prediction-staging',
      'Kustomization churn-prediction-staging',
      'ModelRelease churn-prediction-production',
      'Kustomization churn-prediction-production',
      'GitRepository mlops-repo'
    ]
  }
  for (const [application, names] of Object.entries(expected)) {
    for (const environment of ['staging', 'production'])
      t.same(await kinds(application, environment), names, `${application} ${environment}`)
  }
  if (!hasKustomize) t.comment('SKIPPED, 2 assertions: neither kustomize nor kubectl was found')
  else {
    for (const environment of ['staging', 'production']) {
      const found = await kinds(`overlays/${environment}`, environment)
      t.match(found, ['ConfigMap drift-monitor-', 'Deployment drift-monitor'])
    }
  }
})

t.test(
  'the error for a kustomization that kustomize refuses does not name its folder',
  { skip: hasKustomize ? false : 'neither kustomize nor kubectl was found' },
  async t => {
    const repository = new TestRepository({
      'a/kustomization.yaml': 'resources: [x.yaml]\nnope-{{ .Values.token }}: 1\n',
      'values.yaml': 'token: s3cret-value\n',
      'a/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n'
    })
    t.teardown(() => {
      repository.remove()
    })
    const { stdout, stderr, exitCode } = await run({
      args: ['render', 'a'],
      env: {},
      folder: repository.folder
    })
    t.equal(stdout, '')
    t.equal(exitCode, 1)
    t.match(stderr, /kustomize build failed \[KUSTOMIZE_FAILED\]/)
    t.notMatch(stderr, tmpdir())
    t.match(stderr, /nope-\*\*\*/)
    t.notMatch(stderr, 's3cret')
  }
)

t.test('differences are listed by field', t => {
  t.same(differences({ a: { b: [1, 2n] }, c: 'x' }, { a: { b: [1, 3n] }, d: null }), [
    'a.b[1]: 2 -> 3',
    'c: "x" -> nothing',
    'd: nothing -> null'
  ])
  t.end()
})

t.test('every threat of docs/security.md has a test that exists', t => {
  const text = readFileSync('docs/security.md', 'utf8')
  const numbers = [...text.matchAll(/^\| (\d+) \| /gm)].map(match => Number(match[1]))
  t.same(
    numbers,
    Array.from({ length: 18 }, (_, at) => at + 1)
  )
  const named = [...text.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(match => match[1] ?? '')
  t.ok(named.length > 30)
  for (const file of new Set(named)) t.ok(existsSync(path.join('test', file)), file)
  t.end()
})
