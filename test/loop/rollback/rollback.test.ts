import t from 'tap'
import type { Test } from 'tap'
import { Remote } from '../remote.ts'

const usual = ['churn', '--environment', 'production', '--repo', 'bare.git']

/** A repository with versions 1 to `count` of a model in production, each with a field in a value file. */
async function registered(t: Test, count: number): Promise<Remote> {
  const remote = new Remote(t)
  for (let version = 1; version <= count; version++) {
    remote.resultFile({
      version: `1.${version}`,
      run: { system: 'mlflow', id: `run-${version}`, uid: `u-${version}` },
      modelDigest: `sha256:${String(version).repeat(64)}`
    })
    await remote.mlgitops(
      'register',
      ...['--result', 'result.json', '--repo', 'bare.git', '--environment', 'production'],
      ...['--set', `models/churn/values.yaml:model.version=1.${version}`]
    )
  }
  return remote
}

const proposed = (stdout: string) => JSON.parse(stdout) as Record<string, string>

t.test(
  'the entry before comes back byte for byte, and the fields that were set with it',
  async t => {
    const remote = await registered(t, 2)
    const before = remote.show('registry/churn/production.yaml', 'main^')
    const { stdout, stderr } = await remote.mlgitops(
      'rollback',
      ...usual,
      ...['--reason', 'p99 rose to 140 ms', '--output', 'json']
    )
    t.equal(stderr, '')
    const { branch = '', title, body } = proposed(stdout)
    t.match(branch, /^mlgitops\/rollback\/churn\/production\/[0-9a-f]{12}$/)
    t.equal(title, 'Roll back churn to 1.1 in production')
    t.match(body, /^p99 rose to 140 ms\n\n\| \| now \| after this \|\n/)
    t.match(body, '| version | <code>1.2</code> | <code>1.1</code> |\n')
    t.equal(remote.show('registry/churn/production.yaml', branch), before)
    t.match(remote.show('models/churn/values.yaml', branch), 'version: "1.1"')
    t.equal(
      remote.inBare('diff', '--stat', 'main^', branch),
      '',
      'the tree is that of the commit before'
    )
  }
)

t.test('a file that somebody has changed since stays, and the body says so', async t => {
  const remote = await registered(t, 2)
  remote.push({ 'models/churn/values.yaml': 'model:\n  version: "1.2"\n  threshold: 0.4\n' })
  const { stdout } = await remote.mlgitops('rollback', ...usual, '--output', 'json')
  const { branch = '', body } = proposed(stdout)
  t.match(remote.show('models/churn/values.yaml', branch), 'threshold: 0.4')
  t.match(body, '- <code>models/churn/values.yaml</code> has changed since and stays as it is.\n')
})

t.test('--to names a commit of the branch or a trained commit', async t => {
  const remote = await registered(t, 3)
  const first = remote.inBare('rev-parse', 'main~2')
  const { stdout } = await remote.mlgitops('rollback', ...usual, '--to', first, '--output', 'json')
  t.match(proposed(stdout).title, 'Roll back churn to 1.1 in production')
  const unknown = await remote.mlgitops('rollback', ...usual, '--to', 'f'.repeat(40))
  t.equal(unknown.exitCode, 1)
  t.match(unknown.stderr, 'no earlier entry is of this commit [ROLLBACK_TARGET]')
})

t.test('without an earlier entry there is nothing to roll back to', async t => {
  const remote = await registered(t, 1)
  const { exitCode, stdout, stderr } = await remote.mlgitops('rollback', ...usual)
  t.strictSame(
    [exitCode, stdout, stderr],
    [
      1,
      '',
      'mlgitops: registry/churn/production.yaml: there is no earlier entry with another model [ROLLBACK_TARGET]\n'
    ]
  )
  const absent = await remote.mlgitops('rollback', 'spam', ...usual.slice(1))
  t.match(absent.stderr, 'registry/spam/production.yaml: there is no such registry entry')
})

t.test('after a rollback is merged, the next one goes back to what it replaced', async t => {
  const remote = await registered(t, 2)
  const first = await remote.mlgitops('rollback', ...usual, '--output', 'json')
  remote.inBare('update-ref', 'refs/heads/main', proposed(first.stdout).branch ?? '')
  const { stdout } = await remote.mlgitops('rollback', ...usual, '--output', 'json')
  t.equal(proposed(stdout).title, 'Roll back churn to 1.2 in production')
})

t.test('the history has every stay, newest first', async t => {
  const remote = await registered(t, 2)
  const { stdout } = await remote.mlgitops(
    'history',
    ...['churn', '--repo', 'bare.git', '--output', 'json']
  )
  const { model, head, entries } = JSON.parse(stdout) as {
    model: string
    head: string
    entries: readonly Record<string, unknown>[]
  }
  t.strictSame([model, head], ['churn', remote.inBare('rev-parse', 'main')])
  t.match(entries, [
    {
      environment: 'production',
      version: '1.2',
      until: null,
      commit: head,
      subject: 'Register churn 1.2 for production',
      gitCommit: remote.commit,
      modelDigest: `sha256:${'2'.repeat(64)}`,
      run: { system: 'mlflow', id: 'run-2', uid: 'u-2' },
      verdicts: []
    },
    { environment: 'production', version: '1.1', until: entries[0]?.from }
  ])
  const text = await remote.mlgitops('history', 'churn', '--repo', 'bare.git')
  t.match(
    text.stdout,
    /^churn\n\S+ {2}now {2}production {2}1\.2 {2}sha256:222222222222 {2}trained /
  )
  const absent = await remote.mlgitops('history', 'spam', '--repo', 'bare.git')
  t.match(absent.stderr, 'the branch has no registry entry of this model [MODEL_ABSENT]')
})
