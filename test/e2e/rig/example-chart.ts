import { createHash } from 'node:crypto'

/** The application path of the chart, which is in another folder. */
export const chartPath = 'models/scorer'

/** The name of its ConfigMap. */
export const chartObject = 'scorer-settings'

const dependency = { name: 'common', version: '1.0.0', repository: 'file://../common' }
const digest = createHash('sha256').update(JSON.stringify([[dependency], [dependency]]))
const dependencies = [
  'dependencies:',
  `  - name: ${dependency.name}`,
  `    version: ${dependency.version}`,
  `    repository: ${dependency.repository}`,
  ''
].join('\n')

/** A Chart.yaml and its files: a library chart with a lock, a schema, values, and a hook before each sync. */
export const chartFiles: Readonly<Record<string, string>> = {
  'charts/scorer/Chart.yaml': `apiVersion: v2\nname: scorer\nversion: 0.1.0\n${dependencies}`,
  'charts/scorer/Chart.lock': `${dependencies}digest: sha256:${digest.digest('hex')}\ngenerated: "2026-11-30T12:00:00Z"\n`,
  'charts/scorer/charts/common/Chart.yaml':
    'apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n',
  'charts/scorer/charts/common/templates/_name.tpl':
    '{{- define "common.name" }}{{ .Release.Name }}-settings{{ end -}}\n',
  'charts/scorer/values.yaml': 'image: {tag: none}\nreplicas: 1\n',
  'charts/scorer/values.schema.json':
    '{"type": "object", "properties": {"replicas": {"type": "integer"}}}',
  'charts/scorer/templates/settings.yaml': configMap('{{ include "common.name" . }}', [
    'image: "registry.example.com/scorer:{{ .Values.image.tag }}"',
    'replicas: {{ .Values.replicas | quote }}',
    'kind: {{ kindOf .Values.replicas }}',
    'environment: {{ .Values.mlgitops.environment }}'
  ]),
  'charts/scorer/templates/announce.yaml': configMap('announce', [
    'commit: "{{ .Values.mlgitops.gitCommit }}"'
  ]).replace('metadata:', 'metadata:\n  annotations: {helm.sh/hook: "pre-install,pre-upgrade"}'),
  [`${chartPath}/mlgitops.yaml`]:
    'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nhelm: {chart: ../../charts/scorer, releaseName: scorer}\n',
  [`${chartPath}/configs/staging.yaml`]: 'replicas: 2\n'
}

/** A change of the chart's dependencies without its lock. */
export const brokenLock = {
  'charts/scorer/Chart.yaml': chartFiles['charts/scorer/Chart.yaml']?.replace('1.0.0', '^1.0.0')
} as const

function configMap(name: string, data: readonly string[]): string {
  const lines = data.map(line => `  ${line}\n`).join('')
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${lines}`
}
