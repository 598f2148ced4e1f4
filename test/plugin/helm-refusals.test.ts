import { chart, template, withHelm } from './chart-repository.ts'
import { configMap, render } from './repository.ts'

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
    'a chart that is a file',
    {
      'app/mlgitops.yaml':
        'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nhelm: {chart: Chart.yaml}\n'
    },
    `mlgitops: app/mlgitops.yaml: the chart has no Chart.yaml [CHART_INVALID]
  found:    helm.chart: Chart.yaml
  remedy:   Set helm.chart to the folder of a chart, relative to the application path.
`
  ],
  [
    'an integer that Helm would round',
    { 'configs/base.yaml': 'model: {ids: [1, 9007199254740993]}\n' },
    `mlgitops: Helm rounds the number .Values.model.ids[1] [VALUES_NUMBER]
  expected: an integer that a 64-bit float keeps, such as one up to 9007199254740992
  remedy:   Put it in quotes, and use it as a string in the chart.
`
  ],
  [
    'a number as an annotation',
    {
      'app/charts/lib/Chart.yaml': 'apiVersion: v2\nname: lib\nversion: 1.0.0\n',
      'app/charts/lib/templates/x.yaml': configMap('v: x', 'lib').replace(
        'metadata:',
        'metadata:\n  annotations: {argocd.argoproj.io/sync-wave: 5}'
      )
    },
    `mlgitops: app/charts/lib/templates/x.yaml: metadata.annotations["argocd.argoproj.io/sync-wave"] must be a string [OBJECT_INVALID]
  found:    a number, in ConfigMap lib
`
  ],
  [
    'a label of a pod template that is a boolean',
    {
      'app/templates/x.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {metadata: {labels: {spot: yes}}}}\n'
    },
    'mlgitops: app/templates/x.yaml: spec.template.metadata.labels.spot must be a string [OBJECT_INVALID]\n'
  ],
  [
    'a Kubernetes version that the chart does not support',
    {
      'app/Chart.yaml': `${chart}kubeVersion: ">=1.40"\n`,
      'app/mlgitops.yaml':
        'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nhelm: {kubeVersion: "1.31"}\n'
    },
    `mlgitops: app: helm refused the chart [HELM_FAILED]
  found:    chart requires kubeVersion: >=1.40 which is incompatible with Kubernetes v1.31
  remedy:   Set helm.kubeVersion in mlgitops.yaml to the version of the cluster.
`
  ],
  [
    'a library chart as the application',
    { 'app/Chart.yaml': `${chart}type: library\n` },
    'mlgitops: app: helm refused the chart [HELM_FAILED]\n  found:    library charts are not installable\n'
  ],
  [
    'a chart outside the repository',
    {
      'app/mlgitops.yaml':
        'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nhelm: {chart: ../../x}\n'
    },
    'mlgitops: app: the path "../../x" is outside the repository [PATH_OUTSIDE]\n'
  ],
  [
    'a value file outside the repository',
    {
      'app/mlgitops.yaml':
        'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nhelm: {valueFiles: [../../x.yaml]}\n'
    },
    'mlgitops: app: the path "../../x.yaml" is outside the repository [PATH_OUTSIDE]\n'
  ],
  [
    'a dependency of the network without charts/',
    {
      'app/Chart.yaml': `${chart}dependencies: [{name: redis, version: 1.0.0, repository: "https://charts.example.com"}]\n`
    },
    `mlgitops: app: helm refused the chart [HELM_FAILED]
  found:    An error occurred while checking for chart dependencies. You may need to run \`helm dependency build\` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: redis
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
