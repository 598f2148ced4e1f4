import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { chart, dataOf, template, withHelm } from './chart-repository.ts'
import { configMap, objects, render, TestRepository } from './repository.ts'

withHelm(
  'a chart gets the values of all sources, and the built-in ones below mlgitops',
  {
    'app/Chart.yaml': chart,
    'app/values.yaml': 'tag: old\nreplicas: 1\n',
    'configs/staging.yaml': 'replicas: 2\n',
    'app/templates/map.yaml': template(
      'v: "{{ .Values.tag }} {{ .Values.replicas }} {{ .Values.mlgitops.environment }} {{ .Values.mlgitops.gitCommitShort }} {{ .Release.Namespace }}"'
    )
  },
  async (t, repository) => {
    const commit = repository.git('rev-parse', '--short=7', 'HEAD')
    const options = ['--environment', 'staging', '--namespace', 'ml', '--set', 'tag=1.10']
    const { stdout, stderr, exitCode } = await render(repository.folder, 'app', ...options)
    t.same(dataOf(stdout), [{ v: `1.10 2 staging ${commit} ml` }])
    t.equal(stderr, 'mlgitops: not attested: no signing key (--key)\n')
    t.equal(exitCode, 0)
  }
)

withHelm(
  'a null in a value file, or set by name, removes a default of the chart',
  {
    'app/Chart.yaml': chart,
    'app/values.yaml': 'a: {b: 1, c: 2, d: 3}\n',
    'configs/base.yaml': 'a: {b: null}\n',
    'app/templates/map.yaml': template(`v: '{{ .Values.a | toJson }}'`)
  },
  async (t, repository) => {
    const { stdout } = await render(repository.folder, 'app', '--set', 'a.d=null')
    t.same(dataOf(stdout), [{ v: '{"c":2}' }])
  }
)

withHelm(
  'a chart may use names that are built-in values elsewhere',
  {
    'app/Chart.yaml': chart,
    'app/values.yaml': 'environment: blue\nnamespace: other\n',
    'app/templates/map.yaml': template('v: {{ .Values.environment }}-{{ .Values.namespace }}')
  },
  async (t, repository) => {
    const { stdout } = await render(repository.folder, 'app')
    t.same(dataOf(stdout), [{ v: 'blue-other' }])
  }
)

withHelm(
  'mlgitops.yaml names a chart elsewhere, the release, its namespace and the key of the built-in values',
  {
    'charts/model/Chart.yaml': chart,
    'charts/model/templates/map.yaml': template(
      'v: "{{ .Release.Namespace }} {{ .Values.git.gitCommitShort }} {{ .Values.extra }}"'
    ),
    'charts/model/crds/crd.yaml': configMap('v: a CRD', 'crd'),
    'charts/model/templates/tests/test.yaml': configMap('v: a test', 'test').replace(
      'metadata:',
      'metadata:\n  annotations: {helm.sh/hook: test}'
    ),
    'apps/fraud/extra.yaml': 'extra: yes\n',
    'apps/fraud/mlgitops.yaml':
      'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nhelm: {chart: ../../charts/model, releaseName: fraud, namespace: ml-production, valueFiles: [extra.yaml], builtIns: git, includeCRDs: false, skipTests: true}\n'
  },
  async (t, repository) => {
    const commit = repository.git('rev-parse', '--short=7', 'HEAD')
    const { stdout } = await render(repository.folder, 'apps/fraud', '--namespace', 'ignored')
    t.same(
      objects(stdout).map(({ metadata, data }) => [(metadata as { name: string }).name, data]),
      [['fraud', { v: `ml-production ${commit} true` }]]
    )
  }
)

/** The error of a broken chart; `files` replace those of a valid chart. */
const refusals: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  [
    'a value that a template requires',
    { 'app/templates/x.yaml': template('v: {{ required "image.tag is required" .Values.tag }}') },
    `mlgitops: app/templates/x.yaml:6:9: helm refused the chart [HELM_FAILED]
  found:    execution error at (app/templates/x.yaml:6:8): image.tag is required
`
  ],
  [
    'output that is not YAML',
    { 'app/templates/x.yaml': 'kind: ConfigMap\n metadata: x\n' },
    `mlgitops: app/templates/x.yaml: helm refused the chart [HELM_FAILED]
  found:    YAML parse error on app/templates/x.yaml: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context
`
  ],
  [
    'a schema that refuses the built-in values',
    { 'app/values.schema.json': '{"additionalProperties": false, "properties": {"global": {}}}' },
    `mlgitops: app: helm refused the chart [HELM_FAILED]
  found:    values don't meet the specifications of the schema(s) in the following chart(s):
churn:
- at '': additional properties 'mlgitops' not allowed
  remedy:   The chart's schema refuses the values of mlgitops: set helm.builtIns to another key, or to none, in mlgitops.yaml.
`
  ],
  [
    'a dependency that charts/ does not contain',
    { 'app/Chart.yaml': `${chart}dependencies: [{name: lib, version: 1.0.0}]\n` },
    `mlgitops: app: helm refused the chart [HELM_FAILED]
  found:    An error occurred while checking for chart dependencies. You may need to run \`helm dependency build\` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: lib
  remedy:   Run helm dependency update, and commit charts/: a render downloads nothing.
`
  ],
  [
    'a template that never ends',
    { 'app/templates/x.yaml': template('v: {{ range until 2000000000 }}{{ end }}') },
    `mlgitops: helm was stopped [HELM_LIMIT]
  found:    more memory than the limit
  remedy:   Split the chart, and check its templates for an endless loop.
`
  ],
  [
    'the key of the built-in values in a value file',
    { 'configs/base.yaml': 'mlgitops: {gitCommit: abc}\n' },
    `mlgitops: configs/base.yaml: mlgitops cannot be set [VALUES_BUILT_IN]
  found:    the value mlgitops
  remedy:   mlgitops sets it for the chart. Choose another key with helm.builtIns in mlgitops.yaml.
`
  ],
  [
    'a chart and a kustomization',
    { 'app/kustomization.yaml': 'resources: []\n' },
    `mlgitops: app/kustomization.yaml: the application path has a chart and a kustomization [CHART_AMBIGUOUS]
  remedy:   Move one of them, or choose the chart: helm: {chart: .} in mlgitops.yaml.
`
  ],
  [
    'a missing chart',
    { 'app/mlgitops.yaml': 'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nhelm: {chart: x}\n' },
    `mlgitops: app/mlgitops.yaml: the chart has no Chart.yaml [CHART_INVALID]
  found:    helm.chart: x
  remedy:   Set helm.chart to the folder of a chart, relative to the application path.
`
  ],
  [
    'a duplicate key in the output, which Helm itself accepts',
    { 'app/templates/x.yaml': configMap('a: 1\n  a: 2') },
    'mlgitops: app/templates/x.yaml: '
  ]
]

for (const [name, files, expected] of refusals) {
  const base = { 'app/Chart.yaml': chart, 'app/templates/map.yaml': template('v: x') }
  withHelm(`refused: ${name}`, { ...base, ...files }, async (t, repository) => {
    const { stdout, stderr, exitCode } = await render(repository.folder, 'app')
    // Helm 4 writes one of these texts in lower case and with other quotes.
    const said = stderr
      .replace('found:    an error', 'found:    An error')
      .replace("'helm dependency build'", '`helm dependency build`')
    t.equal(said.slice(0, expected.length), expected)
    t.equal(stdout, '')
    t.equal(exitCode, 1)
  })
}

t.test('without helm on the PATH', async t => {
  const repository = new TestRepository({
    'app/Chart.yaml': chart,
    'app/templates/map.yaml': template('v: x')
  })
  const before = process.env.PATH
  const git = (before ?? '')
    .split(path.delimiter)
    .find(folder => existsSync(path.join(folder, 'git')))
  const tools = mkdtempSync(path.join(tmpdir(), 'mlgitops-tools-'))
  symlinkSync(path.join(git ?? '', 'git'), path.join(tools, 'git'))
  symlinkSync('/bin/sh', path.join(tools, 'sh'))
  process.env.PATH = tools
  t.teardown(() => {
    process.env.PATH = before
    rmSync(tools, { recursive: true })
    repository.remove()
  })
  const { stdout, stderr, exitCode } = await render(repository.folder, 'app')
  t.equal(
    stderr,
    `mlgitops: helm was not found [HELM_MISSING]
  remedy:   Install helm 3 or 4: the application path renders a Helm chart.
`
  )
  t.equal(stdout, '')
  t.equal(exitCode, 1)
})
