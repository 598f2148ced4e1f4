import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { Remote } from '../remote.ts'

const usual = ['--result', 'result.json', '--repo', 'bare.git', '--environment', 'staging']

const printed = (stdout: string) => JSON.parse(stdout) as JsonObject

t.test('a run becomes one commit with a literal entry', async t => {
  const remote = new Remote(t)
  remote.resultFile()
  const { stdout, stderr, exitCode } = await remote.mlgitops('register', ...usual)
  t.strictSame([stderr, exitCode], ['', 0])
  const head = remote.inBare('rev-parse', 'main')
  t.equal(
    stdout,
    `{"commit":"${head}","pushed":true,"alreadyRegistered":false,"file":"registry/churn/staging.yaml"}\n`
  )
  const { modelDigest } = specOf(remote)
  t.match(modelDigest, /^sha256:[0-9a-f]{64}$/)
  t.equal(
    remote.show('registry/churn/staging.yaml'),
    `# Written by mlgitops. Do not edit: the next registration or promotion replaces this file.
apiVersion: mlgitops.io/v1alpha1
kind: RegisteredModel
metadata:
  name: churn
spec:
  name: churn
  version: "1.4"
  stage: staging
  modelDigest: ${modelDigest}
  modelCommit: ${written(remote.commit)}
  gitCommit: ${written(remote.commit)}
  artifactPath: file://${remote.folder}/model.bin
  artifactDigest: ${remote.artifactDigest}
  run:
    system: mlflow
    id: abc
    uid: u-1
  training:
    dataset:
      name: churn 2026 Q3
      digest: md5:0123456789abcdef
      rows: 1000
    parameters:
      optimizer: adam
      trees: "100"
  metrics:
    precision: 0.93
    latencyMs:
      p99: 81.5
`
      .replace(`"${remote.commit}"`, written(remote.commit))
      .replace(`"${remote.commit}"`, written(remote.commit))
  )
  t.equal(remote.inBare('diff', '--name-only', 'main^', 'main'), 'registry/churn/staging.yaml')
  t.equal(remote.inBare('log', '-1', '--format=%an <%ae>', 'main'), 'mlgitops <mlgitops@localhost>')
})

t.test('the commit says by trailers what it registers', async t => {
  const remote = new Remote(t)
  remote.resultFile({ modelDigest: `sha256:${'a'.repeat(64)}` })
  await remote.mlgitops('register', ...usual, '--author', 'Bot <bot@example.com>')
  t.equal(
    remote.inBare('log', '-1', '--format=%an <%ae>%n%B', 'main').replace(/\n$/, ''),
    `Bot <bot@example.com>
Register churn 1.4 for staging

Training run mlflow/abc made this model of commit
${remote.commit}.
The artifact was read and has this digest.

Model: churn
Model-Version: 1.4
Model-Commit: ${remote.commit}
Model-Digest: sha256:${'a'.repeat(64)}
Model-Artifact: file://${remote.folder}/model.bin@${remote.artifactDigest}
Training-Run: mlflow/abc
Registration-Id: staging/u-1
Argocd-reference-commit-author: Ada <ada@example.com>
Argocd-reference-commit-date: ${remote.inBare('log', '-1', '--format=%cI', remote.commit)}
Argocd-reference-commit-subject: Train churn
Argocd-reference-commit-body: ""
Argocd-reference-commit-sha: ${remote.commit}`
  )
  t.equal(
    remote.inBare('log', '-1', '--format=%(trailers:key=Model-Commit,valueonly)', 'main').trim(),
    remote.commit,
    'git reads them as trailers'
  )
})

t.test('a run is registered once, whatever came after it', async t => {
  const remote = new Remote(t)
  remote.resultFile()
  const first = printed((await remote.mlgitops('register', ...usual)).stdout)
  remote.resultFile({ run: { system: 'mlflow', id: 'def', uid: 'u-2' } })
  await remote.mlgitops('register', ...usual)
  const head = remote.inBare('rev-parse', 'main')
  remote.resultFile()
  const again = await remote.mlgitops('register', ...usual)
  t.strictSame(printed(again.stdout), {
    commit: first.commit,
    pushed: false,
    alreadyRegistered: true,
    file: 'registry/churn/staging.yaml'
  })
  t.equal(remote.inBare('rev-parse', 'main'), head)
  const other = await remote.mlgitops('register', ...usual.slice(0, -1), 'production')
  t.match(printed(other.stdout), { pushed: true, alreadyRegistered: false })
  t.equal(remote.inBare('rev-list', '--count', 'main'), '4', 'another environment is another entry')
})

t.test('a uid that begins like another one is another run', async t => {
  const remote = new Remote(t)
  for (const uid of ['u-12', 'u-1']) {
    remote.resultFile({ run: { system: 'mlflow', id: 'abc', uid } })
    const { stdout } = await remote.mlgitops('register', ...usual)
    t.match(printed(stdout), { pushed: true, alreadyRegistered: false }, uid)
  }
})

t.test('writers at the same time lose nothing', async t => {
  const remote = new Remote(t)
  const models = Array.from({ length: 8 }, (_, index) => `model-${index}`)
  const results = await Promise.all(
    models.map(model => {
      const changes = {
        model,
        run: { system: 'mlflow', id: model, uid: model },
        modelDigest: `sha256:${'a'.repeat(64)}`
      }
      const file = remote.resultFile(changes, `${model}.json`)
      return remote.mlgitops('register', '--result', file, ...usual.slice(2))
    })
  )
  for (const { stdout, stderr } of results) t.match(printed(stdout), { pushed: true }, stderr)
  t.strictSame(
    remote.inBare('ls-tree', '--name-only', 'main', 'registry/').split('\n'),
    models.map(model => `registry/${model}`)
  )
  t.equal(remote.inBare('rev-list', '--count', '--no-merges', 'main'), '9')
})

t.test('repetitions at the same time register once', async t => {
  const remote = new Remote(t)
  remote.resultFile()
  const results = await Promise.all(
    Array.from({ length: 4 }, () => remote.mlgitops('register', ...usual))
  )
  const pushed = results.filter(({ stdout }) => printed(stdout).pushed === true)
  t.equal(pushed.length, 1)
  t.equal(new Set(results.map(({ stdout }) => printed(stdout).commit)).size, 1)
  t.equal(remote.inBare('rev-list', '--count', 'main'), '2')
})

t.test('fields of files are set in the same commit', async t => {
  const remote = new Remote(t)
  remote.resultFile()
  await remote.mlgitops('register', ...usual, '--set', 'models/churn/values.yaml:model.version=1.4')
  t.equal(
    remote.show('models/churn/values.yaml'),
    'model:\n  version: "1.4" # the version that is served\n'
  )
  t.equal(remote.inBare('rev-list', '--count', 'main'), '2')
})

t.test('nothing is written if a field cannot be set', async t => {
  const remote = new Remote(t)
  remote.resultFile()
  const outside = await remote.mlgitops('register', ...usual, '--set', '../values.yaml:a=1')
  t.strictSame(
    [outside.exitCode, outside.stderr],
    [
      1,
      'mlgitops: ../values.yaml: the file is not one of the repository [SET_OUTSIDE]\n  expected: a path from its root, such as models/churn/values.yaml\n'
    ]
  )
  const absent = await remote.mlgitops(
    'register',
    ...usual,
    '--set',
    'models/churn/values.yaml:model.tag=1'
  )
  t.equal(absent.exitCode, 1)
  t.match(absent.stderr, 'models/churn/values.yaml:1:1: there is no field model.tag')
  t.equal(remote.inBare('rev-parse', 'main'), remote.commit)
})

t.test('a branch for a pull request is found again', async t => {
  const remote = new Remote(t)
  remote.resultFile()
  const { stdout } = await remote.mlgitops('register', ...usual, '--pull-request')
  const { branch = '', title, body, commit } = printed(stdout) as Record<string, string>
  t.match(branch, /^mlgitops\/register\/churn\/staging\/[0-9a-f]{12}$/)
  t.equal(title, 'Register churn 1.4 for staging')
  t.match(body, /\n\nRegistration-Id: staging\/u-1\n$/)
  t.match(printed(stdout), { pushed: true })
  t.equal(remote.inBare('rev-parse', branch), commit)
  t.equal(remote.inBare('rev-parse', 'main'), remote.commit)
  const again = await remote.mlgitops('register', ...usual, '--pull-request')
  t.match(printed(again.stdout), { commit, pushed: false, alreadyRegistered: true, branch })
})

t.test('a protected branch gets a branch for a pull request', async t => {
  const remote = new Remote(t)
  remote.hook(
    'pre-receive',
    'while read old new name; do test "$name" != refs/heads/main || { echo "main is protected" >&2; exit 1; }; done'
  )
  remote.resultFile()
  const { stdout, stderr, exitCode } = await remote.mlgitops('register', ...usual)
  t.equal(exitCode, 0)
  t.match(printed(stdout).branch, /^mlgitops\/register\/churn\/staging\//)
  t.match(
    stderr,
    /^mlgitops: warning: main refuses the push: .*pre-receive hook declined.*main is protected/s
  )
  t.equal(remote.inBare('rev-parse', 'main'), remote.commit)
})

/** A commit as YAML needs it: in quotes if it looks like a number. */
function written(commit: string): string {
  return /^[a-f]/.test(commit) ? commit : `"${commit}"`
}

function specOf(remote: Remote): { readonly modelDigest: string } {
  const text = remote.show('registry/churn/staging.yaml')
  return { modelDigest: /modelDigest: (\S+)/.exec(text)?.[1] ?? '' }
}
