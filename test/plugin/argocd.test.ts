import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { member } from '../../common/json.ts'
import { repositoryOf } from '../../plugin/origin/repository-url.ts'
import { CmpServer } from './argocd/cmp-server.ts'
import { digest } from './digested.ts'
import { annotationsOf, configMap, objects, TestRepository } from './repository.ts'

const node = path.resolve('node_modules/.bin/node')
const commands = { mlgitops: [node, path.resolve('bin/mlgitops.ts')] }

t.test('renders under argocd-cmp-server', async t => {
  const repository = new TestRepository({
    'configs/staging.yaml': 'image: {tag: from-file}\nlist: []\n',
    'apps/m/x.yaml': configMap(
      'v: "{{ .Values.appName }} {{ .Values.namespace }} {{ .Values.project }} {{ .Values.targetRevision }} {{ .Values.sourcePath }} {{ .Values.environment }} {{ .Values.image.tag }} {{ toJson .Values.list }} {{ .Values.repoURL }}"'
    )
  })
  const server = new CmpServer(readFileSync('plugin/plugin.yaml', 'utf8'), { commands })
  t.teardown(() => {
    server.close()
    repository.remove()
  })
  const commit = repository.git('rev-parse', 'HEAD')
  const env = {
    ARGOCD_APP_NAME: 'team_churn',
    ARGOCD_APP_NAMESPACE: 'ml',
    ARGOCD_APP_PROJECT_NAME: 'data',
    ARGOCD_APP_REVISION: commit,
    ARGOCD_APP_SOURCE_PATH: 'apps/m',
    ARGOCD_APP_SOURCE_REPO_URL: 'https://u:p@git.example.com/x.git',
    ARGOCD_APP_SOURCE_TARGET_REVISION: 'main',
    ARGOCD_ENV_image__tag: 'from-env'
  }
  t.equal(server.socket, 'mlgitops.sock')
  const generate = async (more: Readonly<Record<string, string>>) => {
    const { manifests, error } = await server.generate(repository.folder, 'apps/m', {
      ...env,
      ...more
    })
    const [object] = manifests.length === 0 ? [] : objects(manifests[0] ?? '')
    return { object, value: error ?? member(member(object, 'data'), 'v') }
  }
  const rest = 'https://git.example.com/x.git'
  const parameters =
    '[{"name":"environment","string":"staging"},{"map":{"a":"1"},"name":"list"},{"name":"image.tag","string":"from-parameter"},{"name":"unset"}]'
  const full = await generate({ ARGOCD_APP_PARAMETERS: parameters })
  t.equal(full.value, `team_churn ml data main apps/m staging from-parameter {"a":"1"} ${rest}`)
  t.same(annotationsOf(full.object), {
    'mlgitops.io/git-commit': commit,
    'mlgitops.io/git-repo': rest,
    'mlgitops.io/model-commit': commit,
    'mlgitops.io/model-digest': await digest(repository.folder, 'apps/m')
  })
  for (const none of [
    {},
    { ARGOCD_APP_PARAMETERS: 'null' },
    { ARGOCD_APP_PARAMETERS: '' },
    { ARGOCD_APP_PARAMETERS: '[]' }
  ]) {
    const { value } = await generate({ ...none, ARGOCD_ENV_ENVIRONMENT: 'staging' })
    t.equal(value, `team_churn ml data main apps/m staging from-env [] ${rest}`)
  }
  const failed = await generate({ ARGOCD_ENV_ENVIRONMENT: 'nope' })
  t.equal(
    failed.value,
    '`mlgitops render .` failed exit status 1: mlgitops: unknown environment "nope" [ENVIRONMENT_UNKNOWN]\n  expected: "staging"\n  remedy:   An environment is a file configs/<environment>.yaml or a name in mlgitops.yaml.'
  )
  const preview = await generate({
    ARGOCD_ENV_ENVIRONMENT: 'staging',
    ARGOCD_APP_REVISION: 'streamed'
  })
  t.equal(annotationsOf(preview.object)['mlgitops.io/git-dirty'], 'true', 'a preview has no commit')
  const killed = await server.generate(repository.folder, 'apps/m', env, 101)
  t.same(killed, { manifests: [], error: '`mlgitops render .` failed signal: killed: ' })
  const tooLong = await generate({ ARGOCD_APP_PARAMETERS: 'x'.repeat(140_000) }).catch(
    (error: unknown) => ({ value: String(error) })
  )
  t.match(tooLong.value, /E2BIG/, 'the kernel takes no variable above 128 KiB')
  const both = await Promise.all([1, 2].map(() => generate({ ARGOCD_APP_PARAMETERS: parameters })))
  t.equal(both[0]?.value, both[1]?.value)
})

t.test('invalid variables of Argo CD are faults', async t => {
  const repository = new TestRepository({ 'x.yaml': configMap('v: 1') })
  t.teardown(() => {
    repository.remove()
  })
  const env = {
    ARGOCD_APP_REVISION: repository.git('rev-parse', 'HEAD'),
    ARGOCD_APP_SOURCE_PATH: '.'
  }
  const stderrOf = async (more: Readonly<Record<string, string>>, ...args: string[]) =>
    (await run({ args: ['render', ...args], env: { ...env, ...more }, folder: repository.folder }))
      .stderr
  const cases: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [
      { ARGOCD_APP_REVISION: '1.2.3' },
      /ARGOCD_APP_REVISION: not a full commit ID \[REVISION_INVALID\]/
    ],
    [
      { ARGOCD_APP_PARAMETERS: '{' },
      /ARGOCD_APP_PARAMETERS: the parameters are invalid \[PARAMETERS_INVALID\]\n {2}found: {4}text that is not JSON/
    ],
    [{ ARGOCD_APP_PARAMETERS: '{}' }, /found: {4}an object\n {2}expected: a list/],
    [{ ARGOCD_APP_PARAMETERS: '[{}]' }, /entry 0 has no name/],
    [{ ARGOCD_APP_PARAMETERS: '[{"name":"a","string":1}]' }, /"a" has no valid value/],
    [
      { ARGOCD_APP_PARAMETERS: '[{"name":"a","string":"1"},{"name":"a","string":"2"}]' },
      /found: {4}the name "a" more than once/
    ],
    [
      { ARGOCD_APP_PARAMETERS: '[{"name":"environment","array":["x"]}]' },
      /the parameter "environment" must be a string/
    ],
    [
      { ARGOCD_APP_PARAMETERS: '[{"name":"gitCommit","string":"x"}]' },
      /parameter "gitCommit": gitCommit cannot be set/
    ],
    [{ ARGOCD_APP_PARAMETERS: '[{"name":"a","map":{"__proto__":"x"}}]' }, /is not accepted/],
    [{ ARGOCD_ENV_a__: 'x' }, /ARGOCD_ENV_a__: "a\." is not a value path/],
    [{ ARGOCD_ENV_environment: 'x' }, /environment cannot be set/],
    [
      { MLGITOPS_SIGNING_KEY_FILE: 'nope.pem' },
      /MLGITOPS_SIGNING_KEY_FILE: cannot read the file \(ENOENT\)/
    ]
  ]
  for (const [more, message] of cases) t.match(await stderrOf(more), message, JSON.stringify(more))
  t.match(await stderrOf({}, '--namespace', 'x'), /--namespace cannot be used under Argo CD/)
  t.equal(
    await stderrOf({ ARGOCD_APP_SOURCE_PATH: 'models/m' }),
    'mlgitops: ARGOCD_APP_SOURCE_PATH: the folder is not an application path of a complete checkout [ARGOCD_CHECKOUT]\n  found:    "models/m"\n  remedy:   With --plugin-use-manifest-generate-paths, add the root (/values.yaml) to the annotation: its value files are needed. A path through a link is not supported.\n',
    'a part of the repository, as manifest-generate-paths sends it'
  )
})

t.test('announces the parameters of an application path', async t => {
  const repository = new TestRepository({
    'a/values.yaml': 'image: {tag: "1.10"}\nlist: [x, 1]\n',
    'a/values.schema.json': JSON.stringify({
      required: ['list'],
      properties: {
        image: {
          type: 'object',
          properties: { tag: { title: 'Tag', description: 'Image tag', type: 'string' } }
        },
        list: { type: 'array' },
        labels: { type: 'object', default: { a: true } },
        odd: true
      }
    })
  })
  t.teardown(() => {
    repository.remove()
  })
  const env = { ARGOCD_APP_NAME: 'x', ARGOCD_APP_SOURCE_PATH: 'a' }
  const { stdout } = await run({
    args: ['parameters', '.'],
    env,
    folder: path.join(repository.folder, 'a')
  })
  t.same(JSON.parse(stdout), [
    {
      name: 'image.tag',
      title: 'Tag',
      tooltip: 'Image tag',
      required: false,
      collectionType: 'string',
      string: '1.10'
    },
    { name: 'list', title: 'list', required: true, collectionType: 'array', array: ['x', '1'] },
    { name: 'labels', title: 'labels', required: false, collectionType: 'map', map: { a: 'true' } }
  ])
})

t.test('user and password are removed from addresses', t => {
  const cases: readonly [string, string, string][] = [
    ['https://u:p@host/x.git?token=1', 'https://host/x.git', 'https://host/x.git'],
    ['ssh://git@host:22/x', 'ssh://host:22/x', 'ssh://git@host:22/x'],
    ['git@host:acme/x.git', 'host:acme/x.git', 'git@host:acme/x.git'],
    ['file:///srv/x', 'file:///srv/x', 'file:///srv/x'],
    ['/srv/x', '/srv/x', '/srv/x']
  ]
  for (const [address, url, cloneUrl] of cases)
    t.same(repositoryOf(address), { url, cloneUrl }, address)
  t.end()
})
