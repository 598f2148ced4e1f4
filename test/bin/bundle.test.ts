import { execFileSync, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { answerJob } from '../../plugin/flux/renderer/renderer-process.ts'
import type { RenderJob } from '../../plugin/flux/renderer/renderer-process.ts'
import { buildInto } from '../built.ts'

const folder = t.testdir({
  'old-node.cjs': `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`
})
const bundle = path.join(folder, 'mlgitops.js')
buildInto(folder)

const textOf = (file: string) => readFileSync(path.join(folder, file), 'utf8')

t.test('The bundle runs without files of the project, in strict mode', t => {
  t.equal(textOf('mlgitops.js').split('\n')[1], '"use strict"')
  for (const file of ['render.js', 'services.js', 'kubernetes-client.js'])
    t.match(textOf(file).split('\n')[1]?.slice(0, 13), '"use strict";', file)
  const { status, stdout } = spawnSync(process.execPath, [bundle, '--help'])
  t.equal(status, 0)
  t.match(stdout.toString(), /^Usage: mlgitops COMMAND/)
  t.end()
})

t.test('The bundle has the runtime of Handlebars and not its compiler', t => {
  const program = textOf('services.js')
  t.match(program, 'Template was precompiled with')
  t.notMatch(program, 'You specified knownHelpersOnly')
  t.end()
})

t.test('What renders is a file of its own, without a server and the Kubernetes client', t => {
  for (const [mark, file] of [
    ['FST_ERR_', 'services.js'],
    ['Template was precompiled with', 'services.js'],
    ['V1ConfigMap', 'kubernetes-client.js']
  ] as const) {
    t.equal(textOf(file).includes(mark), true, mark)
    t.equal(textOf('render.js').includes(mark), false, mark)
  }
  t.ok(textOf('render.js').length < 700_000, `${textOf('render.js').length} bytes`)
  t.ok(textOf('mlgitops.js').length < 10_000, `${textOf('mlgitops.js').length} bytes`)
  t.end()
})

t.test('What renders loads only modules of Node at its start that Node itself has loaded', t => {
  const required = [...textOf('render.js').matchAll(/=[\w$]*\(?[\w$]+\("(node:[^"]+)"\)/g)]
  t.same([...new Set(required.map(([, name]) => name))].sort(), [
    'node:buffer',
    'node:fs',
    'node:path',
    'node:util'
  ])
  t.end()
})

t.test('A Node that is too old is refused with its version, without an internal error', t => {
  const old = ['-r', path.join(folder, 'old-node.cjs'), bundle, 'render']
  const { status, stdout, stderr } = spawnSync(process.execPath, old)
  t.equal(status, 1)
  t.equal(stdout.toString(), '')
  t.equal(stderr.toString(), 'mlgitops: needs Node 22.18 or newer; this is 20.20.2\n')
  t.end()
})

/** The example repository outside of any Git work tree. */
const repository = mkdtempSync(path.join(tmpdir(), 'mlgitops-bundle-'))
cpSync('manifests/examples/mlops-repo', repository, { recursive: true })
// Without Git history, the model commit that the audit names is not known.
rmSync(path.join(repository, 'models/churn-prediction/bias_audit.md'))
t.teardown(() => {
  rmSync(repository, { recursive: true })
})

/** Runs the bundle in a folder without any file of the project. */
const bundled = (args: readonly string[], cwd = folder) =>
  spawnSync(process.execPath, [bundle, ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH }
  })

t.test('the bundle prints what the sources print', async t => {
  execFileSync(process.execPath, [bundle, 'keygen', '--out-dir', 'keys'], { cwd: repository })
  const commit = 'a'.repeat(40)
  for (const more of [[], ['--output', 'json', '--key', 'keys/signing.key', '--namespace', 'ml']]) {
    const args = [
      'render',
      'models/churn-prediction',
      '--environment',
      'staging',
      '--revision',
      commit,
      ...more
    ]
    const expected = await run({ args, env: {}, folder: repository })
    t.equal(expected.exitCode, 0, expected.stderr)
    const { stdout, stderr, status } = bundled(args, repository)
    t.same({ stdout, stderr, exitCode: status }, expected)
  }
})

t.test(
  'the one file renders for Flux in a process of its own, which ends with its parent',
  async t => {
    const commit = 'a'.repeat(40)
    const job: RenderJob = {
      folder: repository,
      name: 'sentiment',
      release: {
        sourceRef: { kind: 'GitRepository', name: 'x', namespace: 'ml' },
        ...{ path: 'models/sentiment', environment: 'staging', targetNamespace: 'ml' },
        ...{ values: {}, valuesFrom: [], keySecret: undefined, artifactName: 'sentiment' },
        ...{ intervalMs: 60_000, isSuspended: false }
      },
      origin: {
        commit,
        revision: `main@sha1:${commit}`,
        targetRevision: 'main',
        repository: undefined
      },
      valueFiles: [],
      signing: undefined
    }
    const child = fork(bundle, ['flux-renderer'], {
      serialization: 'advanced',
      stdio: ['pipe', 'ignore', 'ignore', 'ipc']
    })
    t.same(await once(child, 'message'), [{ kind: 'ready' }, undefined])
    child.send(job)
    t.match(await once(child, 'message'), [
      await answerJob(job, () => Promise.reject(new Error('not asked'))),
      undefined
    ])
    const exited = once(child, 'exit')
    child.stdin?.end()
    t.same(await exited, [null, 'SIGKILL'])
  }
)

t.test('the commands that render read no other file', t => {
  const alone = t.testdir()
  for (const file of [
    'package.json',
    'mlgitops.js',
    'render.js',
    'render.cache',
    'render-exported.cache'
  ])
    cpSync(path.join(folder, file), path.join(alone, file))
  const main = path.join(alone, 'mlgitops.js')
  for (const command of ['render', 'parameters', 'fn', 'digest', 'keygen']) {
    const { status, stderr } = spawnSync(process.execPath, [main, command, '--help'])
    t.equal(status, 0, stderr.toString())
  }
  const { status, stderr } = spawnSync(process.execPath, [main, 'check', '--help'])
  t.equal(status, 1)
  t.match(
    stderr.toString(),
    'services.js is missing or is of another build: keep the files of a build together'
  )
  t.end()
})

t.test('the Kubernetes client is a file of its own, which only a connection loads', t => {
  const serve = ['serve', 'flux', '--advertise', 'http://flux', '--kubeconfig', 'absent']
  const connected = bundled(serve)
  t.match(connected.stderr, 'absent: the kubeconfig cannot be used [KUBERNETES_CONFIGURATION]')
  rmSync(path.join(folder, 'kubernetes-client.js'))
  t.notMatch(bundled(serve).stderr, 'KUBERNETES_CONFIGURATION')
  t.equal(bundled(['render', '--help']).status, 0)
  t.end()
})

t.test('every command of it can be loaded', t => {
  for (const command of [
    'render',
    'parameters',
    'check',
    'audit',
    'serve',
    'serve webhook',
    'serve analysis',
    'keygen'
  ]) {
    const { stdout, stderr, status } = bundled([...command.split(' '), '--help'])
    t.match(stdout, /^Usage: mlgitops /, command)
    t.same([stderr, status], ['', 0], command)
  }
  t.end()
})

t.test('a long output comes whole through a pipe, and a reader may leave', t => {
  const script = `"$1" "$2" render models/churn-prediction --environment staging --revision ${'b'.repeat(40)} --set a="$3" 2>/dev/null | head -c 5`
  const sh = spawnSync('sh', ['-c', script, 'sh', process.execPath, bundle, 'x'], {
    cwd: repository,
    encoding: 'utf8'
  })
  t.equal(sh.stdout, '---\na')
  t.end()
})
