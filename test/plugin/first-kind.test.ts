import t from 'tap'
import { isIdleName } from '../../plugin/model-sources/idle-kinds.ts'
import { showsOtherKind } from '../../plugin/model-sources/manifest-kinds.ts'

t.test('The first line with a kind decides a manifest only if its other lines cannot', t => {
  const shows = (text: string) => showsOtherKind(Buffer.from(text), isIdleName)
  const service = 'apiVersion: v1\nkind: Service\n'
  const job = 'apiVersion: batch/v1\nkind: Job\n'
  for (const text of [
    '',
    'a: 1\n',
    job,
    'kind: "Job" # c\r\n',
    `${job}---\n${service}`,
    'kind: {{ .Values.kind }}\n'
  ])
    t.ok(shows(text), text)
  for (const text of [
    service,
    `${service}---\n${job}`,
    `\uFEFF${service}`,
    "kind: 'Service'\n",
    `{{- /*\nkind: Job\n*/}}\n${service}`
  ])
    t.notOk(shows(text), text)
  t.end()
})
