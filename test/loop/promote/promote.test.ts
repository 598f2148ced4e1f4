import t from 'tap'
import type { Test } from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { Remote } from '../remote.ts'

const modelDigest = `sha256:${'a'.repeat(64)}`
const usual = ['churn', '--to', 'production', '--repo', 'bare.git']

/** A repository whose staging has a model, and a ledger with these lines. */
async function staged(t: Test, ledger: readonly JsonObject[] = []): Promise<Remote> {
  const lines = ledger.map(line => `${JSON.stringify(line)}\n`).join('')
  const remote = new Remote(t, {
    'models/churn/train.py': 'print("train")\n',
    'registry/churn/ledger.ndjson': lines
  })
  remote.resultFile({ modelDigest })
  await remote.mlgitops(
    'register',
    ...['--result', 'result.json', '--repo', 'bare.git', '--environment', 'staging']
  )
  return remote
}

const verdict = (verdict: string): JsonObject => ({
  kind: 'verdict',
  environment: 'staging',
  modelDigest,
  verdict,
  time: '2026-11-30T10:00:00Z',
  reason: 'precision at least 0.921; limit 0.92'
})

t.test('the entry is copied to a branch, with the stage of its environment', async t => {
  const remote = await staged(t, [verdict('pass')])
  const { stdout, stderr, exitCode } = await remote.mlgitops('promote', ...usual)
  t.strictSame([stderr, exitCode], ['', 0])
  const branch = /mlgitops\/promote\/churn\/production\/[0-9a-f]{12}/.exec(stdout)?.[0] ?? ''
  t.equal(
    stdout,
    `Promote churn 1.4 to production

| | now | after this |
| --- | --- | --- |
| version |  | <code>1.4</code> |
| trained commit |  | <code>${remote.commit}</code> |
| model digest |  | <code>${modelDigest}</code> |
| artifact |  | <code>file://${remote.folder}/model.bin</code> |
| artifact digest |  | <code>${remote.artifactDigest}</code> |
| training run |  | <code>abc</code> |
| data |  | <code>churn 2026 Q3</code> |
| data digest |  | <code>md5:0123456789abcdef</code> |
| precision |  | <code>0.93</code> |
| p99 in ms |  | <code>81.5</code> |

Verdict of staging: pass. precision at least 0.921; limit 0.92

To say no, close this pull request: this content is not proposed again, another version is.

Branch: \`${branch}\`
`
  )
  t.equal(
    remote.show('registry/churn/production.yaml', branch),
    remote.show('registry/churn/staging.yaml').replace('stage: staging', 'stage: production')
  )
  t.equal(remote.inBare('diff', '--name-only', 'main', branch), 'registry/churn/production.yaml')
  t.equal(
    remote.inBare('log', '-1', '--format=%B', branch).trim(),
    `Promote churn 1.4 to production

It copies the registry entry of staging to production.

Model: churn
Model-Version: 1.4
Model-Commit: ${remote.commit}
Model-Digest: ${modelDigest}
Promoted-From: staging`
  )
})

t.test('the same content has the same branch', async t => {
  const remote = await staged(t)
  const first = await remote.mlgitops('promote', ...usual, '--output', 'json')
  const again = await remote.mlgitops('promote', ...usual, '--output', 'json')
  const { branch, commit } = JSON.parse(first.stdout) as Record<string, string>
  t.match(JSON.parse(first.stdout), { pushed: true })
  t.match(JSON.parse(again.stdout), { pushed: false, branch, commit })
})

t.test('what is there already is not promoted', async t => {
  const remote = await staged(t)
  const { stdout } = await remote.mlgitops('promote', ...usual, '--output', 'json')
  const { branch = '' } = JSON.parse(stdout) as Record<string, string>
  remote.inBare('update-ref', 'refs/heads/main', branch)
  const again = await remote.mlgitops('promote', ...usual)
  t.strictSame(again, {
    stdout: '',
    stderr: 'mlgitops promote: registry/churn/production.yaml has this model already\n',
    exitCode: 0
  })
})

t.test('--check asks for a pass of this model digest, as the last verdict', async t => {
  const cases = [
    [[], 'no verdict in the ledger'],
    [[verdict('pass'), verdict('fail')], 'the last verdict is fail'],
    [[verdict('inconclusive')], 'the last verdict is inconclusive'],
    [[{ ...verdict('pass'), modelDigest: `sha256:${'b'.repeat(64)}` }], 'no verdict in the ledger'],
    [[{ ...verdict('pass'), environment: 'test' }], 'no verdict in the ledger']
  ] as const
  for (const [ledger, found] of cases) {
    const remote = await staged(t, ledger)
    const { exitCode, stdout, stderr } = await remote.mlgitops('promote', ...usual, '--check')
    t.strictSame([exitCode, stdout], [1, ''], found)
    t.match(stderr, `staging has not proved this model [PROMOTE_UNPROVED]\n  found:    ${found}\n`)
    t.equal(remote.inBare('branch', '--format=%(refname:short)'), 'main')
  }
  const proved = await staged(t, [verdict('fail'), verdict('pass')])
  t.equal((await proved.mlgitops('promote', ...usual, '--check')).exitCode, 0)
})

t.test('an artifact that is not there any more is not promoted', async t => {
  const remote = await staged(t)
  remote.removeArtifact()
  const { exitCode, stderr } = await remote.mlgitops('promote', ...usual)
  t.equal(exitCode, 1)
  t.match(stderr, 'the artifact cannot be read [ARTIFACT_MISSING]\n  found:    ENOENT')
  t.equal((await remote.mlgitops('promote', ...usual, '--no-artifact-check')).exitCode, 0)
})

t.test('a model that nobody registered is an error', async t => {
  const remote = await staged(t)
  const { exitCode, stderr } = await remote.mlgitops('promote', ...usual, '--from', 'test')
  t.equal(exitCode, 1)
  t.equal(
    stderr,
    'mlgitops: registry/churn/test.yaml: there is no such registry entry [ENTRY_ABSENT]\n  remedy:   Register the model for this environment first, or name another one by --from.\n'
  )
})
