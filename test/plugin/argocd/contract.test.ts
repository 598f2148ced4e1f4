import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { buildInto } from '../../built.ts'
import { member } from '../../../common/json.ts'
import { configMap, TestRepository } from '../repository.ts'
import { eventually } from '../../eventually.ts'
import { CmpServer } from './cmp-server.ts'
import type { CmpServerOptions } from './cmp-server.ts'
import { readPluginConfig } from './plugin-config.ts'
import { pluginEnvironment, targetObjects } from './repo-server.ts'
import { packRepository, streamOf } from './repository-stream.ts'

/** The PATH of the sidecar: the real bundle, started by its shebang, and the Node of these tests. */
const bin = mkdtempSync(path.join(tmpdir(), 'mlgitops-bin-'))
buildInto(bin)
symlinkSync(path.join(bin, 'mlgitops.js'), path.join(bin, 'mlgitops'))
symlinkSync(process.execPath, path.join(bin, 'node'))
const pluginYaml = readFileSync('plugin/plugin.yaml', 'utf8')
const repository = new TestRepository({
  'configs/staging.yaml': 'who: staging\n',
  'apps/m/x.yaml': configMap('v: "{{ .Values.who | default "nobody" }}"'),
  'apps/m/run.sh': 'exit 0\n'
})
t.teardown(() => {
  rmSync(bin, { recursive: true })
  repository.remove()
})

const application = {
  name: 'team_churn',
  destinationNamespace: 'ml',
  project: 'data',
  repoURL: 'https://git.example.com/x.git',
  path: 'apps/m',
  targetRevision: 'main'
}
const commit = repository.git('rev-parse', 'HEAD')
const env = pluginEnvironment(application, commit)

/** A server with the real plugin.yaml, or one whose generate and init are shell scripts. */
const serverOf = (
  scripts: { init?: string; generate?: string } = {},
  options: Partial<CmpServerOptions> = {}
) => {
  const command = (script: string) => ({ command: ['sh', '-c', script] })
  const spec = {
    ...(scripts.init === undefined ? {} : { init: command(scripts.init) }),
    generate: command(scripts.generate ?? 'mlgitops render .')
  }
  const own = { kind: 'ConfigManagementPlugin', metadata: { name: 'x' }, spec }
  const text = Object.keys(scripts).length === 0 ? pluginYaml : JSON.stringify(own)
  const server = new CmpServer(text, {
    commands: {},
    ...options,
    env: { PATH: `${bin}:${process.env.PATH ?? ''}`, ...options.env }
  })
  t.teardown(() => {
    server.close()
  })
  return server
}
const values = (manifests: readonly string[]) =>
  targetObjects(manifests, 'team_churn').map(object => member(member(object, 'data'), 'v'))

t.test('1: plugin.yaml is checked and names the socket', t => {
  const config = readPluginConfig(pluginYaml)
  t.match(config, {
    socket: 'mlgitops.sock',
    generate: ['mlgitops', 'render', '.'],
    parameters: ['mlgitops', 'parameters', '.']
  })
  const good = {
    kind: 'ConfigManagementPlugin',
    metadata: { name: 'x' },
    spec: { version: 'v1', generate: { command: ['x'] } }
  }
  t.equal(readPluginConfig(JSON.stringify(good)).socket, 'x-v1.sock')
  for (const [wrong, message] of [
    [{ ...good, metadata: {} }, 'metadata.name should be non-empty.'],
    [{ ...good, kind: 'Plugin' }, 'kind should be ConfigManagementPlugin, found Plugin'],
    [{ ...good, spec: {} }, 'spec.generate command should be non-empty']
  ] as const)
    t.throws(() => readPluginConfig(JSON.stringify(wrong)), {
      message: `invalid plugin configuration file. ${message}`
    })
  t.end()
})

t.test(
  '2: the sent repository is checked, and unpacked without modes and outside links',
  async t => {
    const server = serverOf({ generate: 'test ! -x run.sh && test -r run.sh && mlgitops render .' })
    const stream = await packRepository(repository.folder)
    t.same(values((await server.generateFrom(stream, 'apps/m', env)).manifests), ['nobody'])
    const torn = { ...stream, chunks: stream.chunks.slice(1) }
    await t.rejects(
      server.generateFrom(torn, 'apps/m', env),
      /file checksum mismatch: expected [0-9a-f]{64}/
    )
    await t.rejects(
      server.generateFrom(stream, '../..', env),
      /illegal appPath: out of workDir bound/
    )
    const evil = mkdtempSync(path.join(tmpdir(), 'mlgitops-evil-'))
    t.teardown(() => {
      rmSync(evil, { recursive: true })
    })
    symlinkSync('/etc/passwd', path.join(evil, 'link'))
    await t.rejects(server.generate(evil, '.', env), /illegal filepath in symlink: \/etc\/passwd/)
    rmSync(path.join(evil, 'link'))
    writeFileSync(path.join(evil, 'file'), '')
    const climbing = execFileSync('tar', [
      '-czPf',
      '-',
      '--transform',
      's,^,../,',
      '-C',
      evil,
      'file'
    ])
    await t.rejects(
      server.generateFrom(streamOf(climbing), '.', env),
      /illegal filepath in archive: \.\.\/file/
    )
    t.same(server.requestFolders, [], 'nothing is left')
  }
)

t.test('3, 11: each request has its own folder, and requests run in parallel', async t => {
  const server = serverOf({ generate: 'pwd >&2; mlgitops render . && sleep 0.2' })
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => server.generate(repository.folder, 'apps/m', env))
  )
  const [first] = answers
  for (const answer of answers) t.same(answer, first, 'the same bytes from another folder')
  t.equal(first?.error, undefined)
  t.same(server.requestFolders, [])
})

t.test("4: the request's environment overrides the sidecar's; standard input is empty", async t => {
  const server = serverOf(
    { generate: 'cat && mlgitops render .' },
    { env: { ARGOCD_ENV_who: 'sidecar' } }
  )
  const asked = (more: Readonly<Record<string, string>>) =>
    server.generate(repository.folder, 'apps/m', { ...env, ...more })
  t.same(values((await asked({})).manifests), ['sidecar'], "an administrator's default")
  t.same(values((await asked({ ARGOCD_ENV_who: 'request' })).manifests), ['request'])
})

t.test('5, 8: init runs first in the same folder; its stderr is part of the error', async t => {
  const init = "mkdir configs; printf 'who: init\\n' > configs/base.yaml"
  t.same(values((await serverOf({ init }).generate(repository.folder, 'apps/m', env)).manifests), [
    'init'
  ])
  const failing = serverOf({ init: 'echo "no \\"luck\\"" >&2; exit 3' })
  t.same(await failing.generate(repository.folder, 'apps/m', env), {
    manifests: [],
    error: '`sh -c "echo \\"no \\\\\\"luck\\\\\\"\\" >&2; exit 3"` failed exit status 3: no "luck"'
  })
  const nope = await serverOf().generate(repository.folder, 'apps/m', {
    ...env,
    ARGOCD_ENV_ENVIRONMENT: 'nope'
  })
  t.match(
    nope.error,
    /^`mlgitops render \.` failed exit status 1: mlgitops: unknown environment "nope" \[ENVIRONMENT_UNKNOWN\]/
  )
})

t.test(
  '6: at the deadline the command is killed; its group gets SIGTERM, then SIGKILL',
  async t => {
    const pid = path.join(bin, 'pid')
    /** Whether a process runs; without a reaper an ended process remains as a zombie. */
    const alive = () => {
      const stat = `/proc/${readFileSync(pid, 'utf8').trim()}/stat`
      return existsSync(stat) && !readFileSync(stat, 'utf8').includes(') Z ')
    }
    const ends = async () => {
      await eventually(() => !alive())
      return true
    }
    const stubborn = `sh -c 'trap "echo received >> ${pid}.sigterm" TERM; while :; do sleep 0.05; done' & echo $! > ${pid}; wait`
    const server = serverOf({ generate: stubborn }, { killAfterMs: 300 })
    const { manifests, error } = await server.generate(repository.folder, 'apps/m', env, 600)
    t.same(manifests, [])
    t.match(error, /` failed signal: killed: /)
    t.ok(existsSync(`${pid}.sigterm`), 'SIGTERM came before SIGKILL')
    t.ok(await ends(), 'and then SIGKILL')
    const leaving = serverOf(
      { generate: `mlgitops render .; sleep 60 > /dev/null 2>&1 & echo $! > ${pid}` },
      { killAfterMs: 100 }
    )
    t.same(values((await leaving.generate(repository.folder, 'apps/m', env)).manifests), ['nobody'])
    t.ok(await ends(), 'what a good command leaves behind ends too')
  }
)

t.test(
  '7, 9: output counts to its end, whoever writes it; empty documents and no output at all pass',
  async t => {
    const late =
      'mlgitops render .; (sleep 0.3; printf -- "---\\n# nothing\\n---\\n"; mlgitops render . | sed "s/name: x/name: late/") &'
    const { manifests } = await serverOf({ generate: late }).generate(
      repository.folder,
      'apps/m',
      env
    )
    t.same(
      manifests.map(text => member(member(JSON.parse(text) as never, 'metadata'), 'name')),
      ['x', 'late']
    )
    t.same(
      await serverOf({ generate: 'true' }).generate(repository.folder, 'apps/m', env),
      { manifests: [], error: undefined },
      'Argo CD takes nothing for success'
    )
    mkdirSync(path.join(repository.folder, 'apps/empty'))
    const empty = await serverOf().generate(repository.folder, 'apps/empty', {
      ...env,
      ARGOCD_APP_SOURCE_PATH: 'apps/empty'
    })
    t.match(empty.error, /\[OUTPUT_EMPTY\]/, 'and therefore the plugin does not')
  }
)

t.test('10: the request of repo-server, and how it reads the answer', async t => {
  const parameters = [
    { name: 'environment', string: 'staging' },
    { name: 'a.list', array: ['x', '<y>'] },
    { name: 'm', map: { k: 'v' } },
    { name: 'empty', array: [] }
  ]
  const plugin = { env: [{ name: 'who', value: '$ARGOCD_APP_NAME-$$-$NOPE' }], parameters }
  const sent = pluginEnvironment({ ...application, plugin }, commit)
  t.match(sent, {
    ARGOCD_APP_REVISION_SHORT: commit.slice(0, 7),
    ARGOCD_ENV_who: 'team_churn-$-',
    ARGOCD_APP_PARAMETERS:
      '[{"name":"environment","string":"staging"},{"array":["x","\\u003cy\\u003e"],"name":"a.list"},{"map":{"k":"v"},"name":"m"},{"array":[],"name":"empty"}]',
    PARAM_ENVIRONMENT: 'staging',
    PARAM_A_LIST_1: '<y>',
    PARAM_M_K: 'v'
  })
  t.equal(pluginEnvironment({ ...application, plugin: {} }, commit).ARGOCD_APP_PARAMETERS, 'null')
  t.equal(env.ARGOCD_APP_PARAMETERS, undefined, 'without a plugin block')
  const { manifests } = await serverOf().generate(repository.folder, 'apps/m', sent)
  t.same(values(manifests), ['team_churn-$-'], "the plugin's env wins over the value file")
  const [object] = targetObjects(manifests, 'team_churn')
  t.match(member(object?.metadata, 'annotations'), {
    'mlgitops.io/git-commit': commit,
    'argocd.argoproj.io/tracking-id': 'team_churn:/ConfigMap:/x'
  })
  t.throws(() => targetObjects(['{"kind":"x"}'], 'a'), /failed to convert CMP manifests/)
  const list = { apiVersion: 'v1', kind: 'List', items: [object, object] }
  t.equal(targetObjects([JSON.stringify(list)], 'a').length, 2)
  t.same(targetObjects(['{"apiVersion":"v1","kind":"List","items":null}'], 'a'), [])
})

t.test('12: an answer above the limit is an error', async t => {
  const { error } = await serverOf({}, { maxResponseBytes: 100 }).generate(
    repository.folder,
    'apps/m',
    env
  )
  t.match(error, /^grpc: trying to send message larger than max \(\d{3} vs\. 100\)$/)
})

t.test('parameters: those of the bundle come first, then those of plugin.yaml', async t => {
  const announced = await serverOf().parameters(repository.folder, 'apps/m', {
    ARGOCD_APP_SOURCE_PATH: 'apps/m'
  })
  t.match(announced, [{ name: 'environment', collectionType: 'string', required: true }])
})
