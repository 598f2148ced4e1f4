import { spawnSync } from 'node:child_process'
import t from 'tap'
import type { Test } from 'tap'
import { member } from '../../common/json.ts'
import { configMap, objects, render, TestRepository } from './repository.ts'

type Files = Readonly<Record<string, string>>

function repositoryOf(t: Test, files: Files): TestRepository {
  const repository = new TestRepository(files)
  t.teardown(() => {
    repository.remove()
  })
  return repository
}

const templates = (settings: string) =>
  `apiVersion: mlgitops.io/v1alpha1\nkind: Project\ntemplates: {${settings}}\n`

const alert =
  'v: "{{ $labels.x }} \\\\{{ x }} ${GIT_COMMIT} $${GIT_COMMIT} ${OTHER}"\n  short: ${GIT_COMMIT_SHORT}\n  big: 18446744073709551615'

t.test('templates.variables keeps braces and replaces only variables', async t => {
  const repository = repositoryOf(t, {
    'a/x.yaml': configMap(alert),
    'a/y.yaml': configMap('v: "{{ .Values.gitCommitShort }}"', 'second'),
    'a/z.yaml': configMap('v: "{{ $labels.x }} ${GIT_COMMIT}"', 'third'),
    'a/mlgitops.yaml': templates('variables: [x.yaml], verbatim: [z.yaml]')
  })
  const { stdout, stderr, exitCode } = await render(repository.folder, 'a')
  t.equal(exitCode, 0, stderr)
  const commit = repository.git('rev-parse', 'HEAD')
  t.match(stdout, '\n  big: 18446744073709551615\n')
  const [x, y, z] = objects(stdout).map(object => member(object, 'data'))
  t.same(x, {
    v: `{{ $labels.x }} \\{{ x }} ${commit} $\${GIT_COMMIT} \${OTHER}`,
    short: commit.slice(0, 7),
    big: 18446744073709552000
  })
  t.same(y, { v: commit.slice(0, 7) })
  t.same(z, { v: '{{ $labels.x }} ${GIT_COMMIT}' })
})

t.test('a variable without a value is an error with its position', async t => {
  const repository = repositoryOf(t, {
    'a/x.yaml': configMap('v: "{{x}} ${ENVIRONMENT}"'),
    'a/mlgitops.yaml': templates('variables: [x.yaml]')
  })
  const { stdout, stderr } = await render(repository.folder, 'a')
  t.equal(stdout, '')
  t.match(stderr, 'mlgitops: a/x.yaml:6:13: no value for ${ENVIRONMENT} [TEMPLATE_VALUE_MISSING]\n')
})

const both = {
  'a/x.yaml': configMap('v: ${GIT_COMMIT}'),
  'a/kustomization.yaml':
    'resources: [x.yaml, ../base]\nconfigMapGenerator: [{name: g, files: [g.txt]}]',
  'a/g.txt': '{{ g }} ${GIT_COMMIT_SHORT}\n',
  'base/kustomization.yaml': 'resources: [y.yaml]',
  'base/y.yaml': configMap('v: "{{ $labels.y }} ${GIT_COMMIT_SHORT}"', 'second')
}

const hasKustomize = ['kubectl version --client', 'kustomize version'].some(
  command => spawnSync(command, { shell: true }).status === 0
)
const skip = !hasKustomize && 'neither kustomize nor kubectl'

t.test('both forms act on the files of a kustomization', { skip }, async t => {
  const cases: readonly [string, string, string][] = [
    ['variables: [../base/y.yaml]', '{{ $labels.y }} @@', '{{ g }} ${GIT_COMMIT_SHORT}\n'],
    [
      'verbatim: [../base/*]',
      '{{ $labels.y }} ${GIT_COMMIT_SHORT}',
      '{{ g }} ${GIT_COMMIT_SHORT}\n'
    ],
    ['variables: [../base/*, g.txt]', '{{ $labels.y }} @@', '{{ g }} @@\n']
  ]
  for (const [settings, y, generated] of cases) {
    const repository = repositoryOf(t, { ...both, 'a/mlgitops.yaml': templates(settings) })
    const { stdout, stderr, exitCode } = await render(repository.folder, 'a')
    t.equal(exitCode, 0, `${settings}\n${stderr}`)
    const commit = repository.git('rev-parse', 'HEAD').slice(0, 7)
    const datas = objects(stdout).map(object => member(object, 'data'))
    t.hasStrict(datas, [{}, {}, {}])
    t.strictSame(
      datas.find(data => member(data, 'g.txt') !== undefined),
      {
        'g.txt': generated.replace('@@', commit)
      }
    )
    t.ok(
      datas.some(data => member(data, 'v') === y.replace('@@', commit)),
      `${settings}\n${stdout}`
    )
  }
})

t.test('settings of templates without an effect are errors', async t => {
  const chart = {
    'a/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
    'a/templates/x.yaml': configMap('v: "1"')
  }
  const plain = { 'a/x.yaml': configMap('v: "1"'), 'a/y.yaml': configMap('v: "1"', 'second') }
  const cases: readonly [string, Files, string][] = [
    [
      'include: [x.yaml]',
      both,
      'templates.include has no effect on a kustomization [PROJECT_INVALID]'
    ],
    ['exclude: []', both, 'templates.exclude has no effect on a kustomization [PROJECT_INVALID]'],
    [
      'verbatim: ["*.txt", "z*"]',
      both,
      'the pattern matches no template [PATTERN_UNMATCHED]\n  found:    templates.verbatim: "z*"'
    ],
    [
      'variables: [y.yaml]',
      both,
      'the pattern matches no template [PATTERN_UNMATCHED]\n  found:    templates.variables: "y.yaml"'
    ],
    ['variables: ["**/y.yaml"]', both, 'the pattern matches no template [PATTERN_UNMATCHED]'],
    [
      'variables: [x.yaml], verbatim: ["*"]',
      both,
      'a file is in templates.verbatim and in templates.variables [PROJECT_INVALID]\n  found:    x.yaml'
    ],
    ['include: ["*.yaml"]', chart, 'templates.include has no effect on a chart [PROJECT_INVALID]'],
    ['exclude: [x]', chart, 'templates.exclude has no effect on a chart [PROJECT_INVALID]'],
    [
      'verbatim: [templates/x.yaml]',
      chart,
      'templates.verbatim has no effect on a chart [PROJECT_INVALID]'
    ],
    [
      'variables: [templates/x.yaml]',
      chart,
      'templates.variables has no effect on a chart [PROJECT_INVALID]'
    ],
    [
      'variables: ["z*"]',
      plain,
      'the pattern matches no template [PATTERN_UNMATCHED]\n  found:    templates.variables: "z*"'
    ],
    [
      'variables: [x.yaml, y.yaml], exclude: [y.yaml]',
      plain,
      'the pattern matches no template [PATTERN_UNMATCHED]\n  found:    templates.variables: "y.yaml"'
    ],
    [
      'variables: ["x*"], verbatim: ["*.yaml"]',
      plain,
      'a file is in templates.verbatim and in templates.variables [PROJECT_INVALID]\n  found:    x.yaml'
    ]
  ]
  for (const [settings, files, message] of cases) {
    const repository = repositoryOf(t, { ...files, 'a/mlgitops.yaml': templates(settings) })
    const { stdout, stderr, exitCode } = await render(repository.folder, 'a')
    t.equal(exitCode, 1, settings)
    t.equal(stdout, '', settings)
    t.match(stderr, `mlgitops: a/mlgitops.yaml: ${message}`, settings)
  }
})

t.test('a file cannot be rendered as YAML and be the input of a generator', async t => {
  for (const file of ['x.yaml', 'kustomization.yaml']) {
    const repository = repositoryOf(t, {
      'a/x.yaml': configMap('v: "{{ .Values.gitCommit }}"'),
      'a/kustomization.yaml': `resources: [x.yaml]\nconfigMapGenerator: [{name: g, files: [${file}]}]`
    })
    const { stdout, stderr } = await render(repository.folder, 'a')
    t.equal(stdout, '')
    t.match(
      stderr,
      `mlgitops: a/${file}: a file that is rendered as YAML cannot also be the input of a generator [KUSTOMIZATION_UNSUPPORTED]`
    )
  }
})
