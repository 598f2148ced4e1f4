import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import { functionCommand } from '../../plugin/function/function-command.ts'
import { digest } from './digested.ts'
import { configMap, render, TestRepository } from './repository.ts'

const repository = new TestRepository({
  'configs/staging.yaml': 'registry: host\n',
  'models/a/pod.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: p-${GIT_COMMIT_SHORT}\nspec:\n  containers:\n    - name: c\n      image: {{ .Values.registry }}/i:{{ .Values.tag | default "none" }}\n',
  'models/a/mlgitops.yaml':
    'apiVersion: mlgitops.io/v1alpha1\nkind: Project\npatches:\n  - target: { kind: Pod }\n    merge: { metadata: { labels: { patched: "yes" } } }\n',
  'overlay/kustomization.yaml': ''
})
repository.git('config', 'remote.origin.url', 'https://git.example.com/x.git')
const commit = repository.git('rev-parse', 'HEAD')
t.teardown(() => {
  repository.remove()
})

const overlay = path.join(repository.folder, 'overlay')
const modelDigest = {
  'mlgitops.io/model-digest': await digest(repository.folder, 'models/a')
}
const stamps = {
  'mlgitops.io/git-commit': commit,
  'mlgitops.io/git-repo': 'https://git.example.com/x.git',
  'mlgitops.io/model-commit': commit,
  ...modelDigest
}
const configuration = (kind: string, spec: JsonObject): JsonObject => ({
  apiVersion: 'mlgitops.io/v1alpha1',
  kind,
  metadata: { name: 'a' },
  spec
})
const generator = (spec: JsonObject = {}) =>
  configuration('RenderGenerator', { path: '../models/a', environment: 'staging', ...spec })
const transformer = (spec: JsonObject = {}) =>
  configuration('RenderTransformer', { environment: 'staging', ...spec })

interface Call {
  readonly items?: readonly JsonObject[]
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly folder?: string
}

/** The function's answer to a ResourceList. */
async function call(
  functionConfig: JsonObject,
  { items = [], env = {}, args = [], folder }: Call = {}
) {
  const list = {
    apiVersion: 'config.kubernetes.io/v1',
    kind: 'ResourceList',
    items,
    functionConfig
  }
  const result = await functionCommand({ args, env, folder: folder ?? overlay }, () =>
    Promise.resolve(writeYaml(list))
  )
  const [document] = readYaml(result.stdout, { file: 'stdout' })
  return { ...result, answer: document?.value as JsonObject }
}

t.test('a generator returns what render prints, and keeps items of others', async t => {
  const config = generator() as { readonly metadata: { readonly name: string } } & JsonObject
  const named = (name: string, isLocal: string) => ({
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'RenderGenerator',
    metadata: { name, annotations: { 'config.kubernetes.io/local-config': isLocal } }
  })
  const { name } = config.metadata
  const others = [named('other', 'true'), named(name, 'false')]
  const items = [named(name, 'true'), ...others]
  const { answer, stderr, exitCode } = await call(generator(), { items })
  const printed = await render(repository.folder, 'models/a', '--environment', 'staging')
  const rendered = readYaml(printed.stdout, { file: 'x' }).map(({ value }) => value)
  t.same(answer, {
    apiVersion: 'config.kubernetes.io/v1',
    kind: 'ResourceList',
    items: [...others, ...rendered],
    functionConfig: generator(),
    results: [
      { message: `rendered 1 objects of models/a at ${commit}`, severity: 'info' },
      { message: 'not attested: no signing key (--key)', severity: 'info' }
    ]
  })
  t.equal(stderr, '')
  t.equal(exitCode, 0)
})

t.test('a transformer renders the strings of its items, and keeps annotations', async t => {
  const annotations = {
    'internal.config.kubernetes.io/path': 'a.yaml',
    'internal.config.kubernetes.io/index': '0',
    'config.k8s.io/id': '1'
  }
  const map = (name: string, data: JsonObject) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, annotations },
    data
  })
  const local = { apiVersion: 'kpt.dev/v1', kind: 'Kptfile', metadata: { name: 'x' } }
  const { answer } = await call(
    transformer({
      path: '../models/a',
      values: { text: 'with "both" \'quotes\'' },
      verbatim: [{ kind: 'ConfigMap', name: 'other' }]
    }),
    {
      items: [
        map('ours', {
          commit: '${GIT_COMMIT}',
          image: 'host/i:{{ .Values.gitCommitShort }}',
          lines: '{{ .Values.registry }}\n{{ .Values.text }}\n',
          number: '12e4567',
          left: '${OTHER} $${GIT_COMMIT}'
        }),
        map('other', { rule: '{{ $labels.instance }} ${GIT_COMMIT}' }),
        local
      ]
    }
  )
  const stamped = { ...annotations, ...stamps }
  t.same(answer.items, [
    local,
    {
      ...map('ours', {
        commit,
        image: `host/i:${commit.slice(0, 7)}`,
        lines: 'host\nwith "both" \'quotes\'\n',
        number: '12e4567',
        left: '${OTHER} $${GIT_COMMIT}'
      }),
      metadata: { name: 'ours', annotations: stamped }
    },
    {
      ...map('other', { rule: '{{ $labels.instance }} ${GIT_COMMIT}' }),
      metadata: { name: 'other', annotations: stamped }
    }
  ])
})

t.test('a fault is on stderr and in the results, with exit code 1 and all items', async t => {
  const items = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }]
  const { answer, stderr, exitCode } = await call(generator({ environment: 'nope' }), { items })
  const message =
    'unknown environment "nope" [ENVIRONMENT_UNKNOWN]\n  expected: "staging"\n  remedy:   An environment is a file configs/<environment>.yaml or a name in mlgitops.yaml.'
  t.equal(stderr, `mlgitops: ${message}\n`)
  t.equal(exitCode, 1)
  t.same(answer.items, items)
  t.same(answer.results, [{ message, severity: 'error' }])
})

t.test("the commit is Argo CD's, else the configuration's, else Git's", async t => {
  const other = 'f'.repeat(40)
  const stamped = async (spec: JsonObject, asked: Call) => {
    const { answer, stderr } = await call(generator(spec), asked)
    const [item] = answer.items as readonly {
      readonly metadata: { readonly annotations: unknown }
    }[]
    return item?.metadata.annotations ?? stderr
  }
  const env = {
    ARGOCD_APP_REVISION: other,
    ARGOCD_APP_SOURCE_REPO_URL: 'https://u:secret@git.example.com/argo.git',
    ARGOCD_APP_SOURCE_PATH: 'overlay',
    ARGOCD_ENV_registry: 'not-for-kustomize',
    ARGOCD_APP_PARAMETERS: 'not read'
  }
  t.same(await stamped({ revision: 'e'.repeat(40) }, { env }), {
    'mlgitops.io/git-commit': other,
    'mlgitops.io/git-repo': 'https://git.example.com/argo.git',
    ...modelDigest
  })
  t.same(await stamped({}, {}), stamps)
  t.match(await stamped({ revision: other }, {}), /--revision is not the checked-out commit/)
  const exported = mkdtempSync(path.join(tmpdir(), 'mlgitops-exported-'))
  t.teardown(() => {
    rmSync(exported, { recursive: true })
  })
  cpSync(repository.folder, exported, { recursive: true, filter: name => !name.endsWith('.git') })
  const folder = path.join(exported, 'overlay')
  t.same(
    await stamped({ revision: other, repoUrl: 'https://git.example.com/y' }, { folder }),
    {
      'mlgitops.io/git-commit': other,
      'mlgitops.io/git-repo': 'https://git.example.com/y',
      ...modelDigest
    },
    'files without a repository'
  )
  t.match(await stamped({}, { folder }), /REVISION_MISSING/)
  t.match(await stamped({}, { env: { ...env, ARGOCD_APP_REVISION: 'main' } }), /REVISION_INVALID/)
})

t.test('a dirty work tree is stamped, not attested, and gives a warning', async t => {
  repository.write({ 'models/a/new.yaml': configMap('v: 1') })
  const { answer, stderr } = await call(generator())
  t.equal(
    stderr,
    'mlgitops: warning: the work tree differs from its commit in ../models/a/new.yaml: stamped mlgitops.io/git-dirty, not attested\n'
  )
  t.equal((answer.results as readonly JsonObject[])[1]?.severity, 'warning')
  repository.git('clean', '--quiet', '--force')
})

t.test('in a kpt package a generator owns one folder', async t => {
  const at = (file: string) => ({ 'internal.config.kubernetes.io/path': file })
  const pod = (name: string, annotations: Readonly<Record<string, string>>) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations }
  })
  const old = pod('p-0000000', { ...at('a/pod_p-0000000.yaml'), 'mlgitops.io/git-commit': 'x' })
  const foreign = pod('mine', at('a/mine.yaml'))
  const { answer } = await call(generator(), { items: [old, foreign] })
  const [kept, rendered] = answer.items as readonly { readonly metadata: JsonObject }[]
  t.same(kept, foreign, 'objects of an earlier run are removed, others stay')
  t.same(rendered?.metadata, {
    name: `p-${commit.slice(0, 7)}`,
    annotations: { ...stamps, ...at(`a/pod_p-${commit.slice(0, 7)}.yaml`) },
    labels: { patched: 'yes' }
  })
  const same = pod(`p-${commit.slice(0, 7)}`, at('mine.yaml'))
  const refused = await call(generator(), { items: [same] })
  t.match(refused.stderr, `mine.yaml: Pod p-${commit.slice(0, 7)} is duplicated [OBJECT_DUPLICATE]`)
})

t.test('invalid input, configuration and paths are refused', async t => {
  const errorOf = async (functionConfig: JsonObject) => (await call(functionConfig)).stderr
  t.equal(
    await errorOf(configuration('Nope', { path: '.', enviroment: 'x', values: [] })),
    `mlgitops: functionConfig: the function configuration is invalid:
  kind: expected RenderGenerator or RenderTransformer, found a string
  spec.enviroment: not a known field; known are "path", "environment", "values", "revision", "repoUrl", "namespace", "appName", "verbatim"
  spec.values: expected an object of values, found a list [FUNCTION_CONFIG_INVALID]
`
  )
  t.match(
    await errorOf(configuration('RenderGenerator', { verbatim: [] })),
    /spec.path: required for a RenderGenerator\n {2}spec.verbatim: not for a RenderGenerator; use templates.verbatim in mlgitops.yaml/
  )
  t.match(
    await errorOf(generator({ path: '../..' })),
    /spec.path: the path is outside the repository/
  )
  t.match(
    await errorOf(generator({ path: '/tmp' })),
    /spec.path: the path is outside the repository/
  )
  t.match(await errorOf(generator({ values: { gitCommit: 'x' } })), /gitCommit cannot be set/)
  t.match(await errorOf(transformer()), /nothing was rendered \[OUTPUT_EMPTY\]/)
  const input = (text: string, args: readonly string[] = []) =>
    functionCommand({ args, env: {}, folder: overlay }, () => Promise.resolve(text))
  const refused = { code: 'RESOURCE_LIST_INVALID' }
  await t.rejects(input(''), refused)
  await t.rejects(input('kind: ResourceList\n---\nkind: ResourceList\n'), refused)
  await t.rejects(input('kind: ResourceList\nitems: 1\n'), refused)
  await t.rejects(input('kind: ResourceList\nitems: [1]\n'), refused)
  await t.rejects(input('1\n', ['x']), refused)
  await t.rejects(input('', ['absent.yaml']), { code: 'FILE_UNREADABLE' })
  await t.rejects(input('', ['a', 'b']), { name: 'UsageError' })
  t.match((await input('kind: ResourceList\n')).stderr, /the function configuration is missing/)
  t.match((await input('', ['--help'])).stdout, /^Usage: mlgitops fn \[CONFIG\]/)
})
