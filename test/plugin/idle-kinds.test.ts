import t from 'tap'
import { workloadTable } from '../../evidence/workload/table.ts'
import { allIdleKinds, isIdleKind } from '../../plugin/model-sources/idle-kinds.ts'
import { literalKinds } from '../../plugin/model-sources/manifest-kinds.ts'

const canary = 'apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: { name: c }\nspec: {}\n'

t.test('A kind that runs nothing is in no row of the workload table', t => {
  for (const kind of allIdleKinds()) {
    const row = workloadTable.find(each => each.group === kind.group && each.kind === kind.kind)
    t.equal(row, undefined, `${kind.group}/${kind.kind}`)
  }
  t.notOk(isIdleKind({ group: 'serving.knative.dev', kind: 'Service' }))
  t.notOk(isIdleKind({ group: '', kind: 'ConfigMap' }))
  t.notOk(isIdleKind({ group: '__proto__', kind: 'constructor' }))
  t.end()
})

t.test('The kinds of a manifest are read from its text, or are not known', t => {
  const service = 'apiVersion: v1\nkind: Service\n'
  const known: Readonly<Record<string, readonly string[]>> = {
    [service]: ['/Service'],
    [`# c\n---\n${service}---\n---\n${canary}`]: ['/Service', 'flagger.app/Canary'],
    'apiVersion: "v1" # c\r\nkind: \'Service\'\r\n': ['/Service'],
    [`{{- if .Values.on }}\n${service}metadata:\n  labels:\n    {{- include "c.labels" . | nindent 4 }}\n{{- end }}\n`]:
      ['/Service'],
    [`{{#each .Values.all as |one|}}\n---\n${service}metadata: { name: {{ one.name }} }\n{{/each}}\n`]:
      ['/Service'],
    [`{{- /*\nCopyright\n*/}}\n${service}`]: ['/Service'],
    [`{{#if .Values.a}}\n${service}{{else}}\napiVersion: batch/v1\nkind: Job\n{{/if}}\n`]: [
      '/Service',
      '/Job',
      'batch/Service',
      'batch/Job'
    ]
  }
  for (const [text, kinds] of Object.entries(known)) {
    const found = literalKinds(Buffer.from(text))
    t.same(
      found?.map(({ group, kind }) => `${group}/${kind}`),
      kinds,
      text
    )
  }
  const unknown = [
    '',
    '# nothing\n',
    'kind: Service\n',
    '{ apiVersion: v1, kind: Service }\n',
    '- apiVersion: v1\n  kind: Service\n',
    ' apiVersion: v1\n kind: Service\n',
    `${service}---\n{{ include "job" . }}\n`,
    `${service}---\nv: 1\n`,
    `${service}"kind": Job\n`,
    `${service}<<: *job\n`,
    'apiVersion: v1\nkind: {{ .Values.kind }}\n',
    'apiVersion: v1\nkind: &a Service\n',
    `${service}x: {{ printf "%c" 10 }}\n`,
    `${service}x: {{ "\\n---\\nkind: Job" }}\n`,
    `${service}# {{ "\\nkind: Job" }}\n`,
    `${service}# \u2028kind: Job\n`,
    `{{/* }}\n${service}# */}}kind: Job\n`,
    `${service}x: \\{{!\n---\nkind: Job\n# }}\n`,
    `${service}--- |\n`,
    `${service}${'#'.repeat(256 * 1024)}\n`
  ]
  for (const text of unknown)
    t.equal(literalKinds(Buffer.from(text)), undefined, encodeURI(text.slice(0, 200)))
  t.end()
})
