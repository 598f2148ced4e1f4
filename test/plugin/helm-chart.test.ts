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
  'integers of up to 64 bits in a template keep their digits',
  {
    'app/Chart.yaml': chart,
    'app/templates/a.yaml':
      'apiVersion: x.io/v1\nkind: A\nmetadata: {name: a}\nspec: {a: 18446744073709551615}\n'
  },
  async (t, repository) => {
    t.match((await render(repository.folder, 'app')).stdout, '\n  a: 18446744073709551615\n')
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

withHelm(
  'a schema that knows the key of the built-in values, and one that is rendered without them',
  {
    'app/Chart.yaml': chart,
    'app/values.schema.json': '{"additionalProperties": false, "properties": {"mlgitops": {}}}',
    'app/templates/map.yaml': template('v: "{{ hasKey .Values "mlgitops" }}"')
  },
  async (t, repository) => {
    t.same(dataOf((await render(repository.folder, 'app')).stdout), [{ v: 'true' }])
    repository.write({
      'app/values.schema.json': '{"additionalProperties": false}',
      'app/mlgitops.yaml':
        'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nhelm: {builtIns: none}\n'
    })
    repository.commit()
    t.same(dataOf((await render(repository.folder, 'app')).stdout), [{ v: 'false' }])
  }
)

withHelm(
  'what Helm reports although it succeeds is a warning',
  {
    'charts/m/Chart.yaml': chart,
    'charts/m/values.yaml': 'a: {c: text}\n',
    'charts/m/templates/map.yaml': template('v: x'),
    'app/mlgitops.yaml':
      'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nhelm: {chart: ../charts/m}\n',
    'app/values.yaml': 'a: {c: {d: 1}}\n'
  },
  async (t, repository) => {
    const { stderr, exitCode } = await render(repository.folder, 'app')
    t.match(
      stderr,
      /^mlgitops: warning: helm: .*warning: destination for churn\.a\.c is a table\. Ignoring non-table value \(text\)/
    )
    t.equal(exitCode, 0)
  }
)

withHelm(
  'Windows line ends and byte order marks in a chart',
  {
    'app/Chart.yaml': `\uFEFF${chart.replaceAll('\n', '\r\n')}`,
    'app/values.yaml': '\uFEFFa: b\r\n',
    'app/templates/map.yaml': template('v: {{ .Values.a }}\n  s: |\n    x\n    y').replaceAll(
      '\n',
      '\r\n'
    )
  },
  async (t, repository) => {
    const { stdout } = await render(repository.folder, 'app')
    t.same(dataOf(stdout), [{ v: 'b', s: 'x\ny\n' }])
  }
)

withHelm(
  'objects beside mlgitops.yaml that the chart in another folder replaces are a warning',
  {
    'charts/m/Chart.yaml': chart,
    'charts/m/templates/map.yaml': template('v: x'),
    'app/mlgitops.yaml':
      'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nhelm: {chart: ../charts/m, valueFiles: [team.yaml]}\n',
    'app/team.yaml': 'a: b\n',
    'app/old.yaml': configMap('v: old', 'old'),
    'app/kustomization.yaml': 'resources: []\n'
  },
  async (t, repository) => {
    const { stdout, stderr } = await render(repository.folder, 'app')
    t.same(dataOf(stdout), [{ v: 'x' }])
    t.equal(
      stderr,
      `mlgitops: warning: app/kustomization.yaml is not rendered: the chart is charts/m (helm.chart)
mlgitops: warning: app/old.yaml is not rendered: the chart is charts/m (helm.chart)
mlgitops: not attested: no signing key (--key)
`
    )
  }
)

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
