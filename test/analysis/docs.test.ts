import { readFileSync } from 'node:fs'
import t from 'tap'
import { analysisKeys, metricKeys } from '../../analysis/settings/keys.ts'
import { metrics } from '../../analysis/settings/metric.ts'
import { readOwnEvent } from '../../analysis/event/own-event.ts'
import type { JsonValue } from '../../common/json.ts'
import { InProcess } from './in-process.ts'

const page = readFileSync('docs/analysis.md', 'utf8')

t.test('The requests of docs/analysis.md get the answers that it shows', async t => {
  const service = await new InProcess().start()
  const exchanges = [...page.matchAll(/```exchange\n([^]*?)\n\n([^]*?)\n```/g)]
  t.equal(exchanges.length, 5)
  for (const [, request = '', answer = ''] of exchanges) {
    const [line = '', body] = request.split('\n')
    const [method = '', path = '', type = 'application/json'] = line.split(' ')
    const response = await fetch(encodeURI(`${service.url}${path}`), {
      method,
      headers: { 'content-type': type },
      ...(body === undefined ? {} : { body })
    })
    t.equal(`${response.status}\n${await response.text()}`, answer, line)
  }
  await service.stop()
})

t.test('The table of docs/analysis/objectives.md has every key of the objective settings', t => {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const rows = [...metricKeys, ...analysisKeys].map(
    ({ name, value, default: otherwise = '', description }) =>
      `| \`${name}\` | ${cell(value)} | ${cell(otherwise)} | ${cell(description)} |`
  )
  const table = ['| key | value | default | meaning |', '| --- | --- | --- | --- |', ...rows]
  const objectives = readFileSync('docs/analysis/objectives.md', 'utf8')
  t.ok(objectives.includes(table.join('\n')), table.join('\n'))
  const text = objectives.replaceAll('\n', ' ')
  t.ok(text.includes(`Metrics: ${metrics.map(metric => `\`${metric}\``).join(', ')}.`))
  t.end()
})

t.test('The table of docs/analysis/events.md says which fields an event needs', t => {
  const cells = readFileSync('docs/analysis/events.md', 'utf8')
    .split('\n')
    .filter(line => line.startsWith('| `') && line.split('|').length === 8)
    .map(line => line.split('|').map(cell => cell.trim()))
  const fields = cells.map(([, name = '', , prediction = '', feedback = '', , example = '']) => ({
    name: name.slice(1, -1),
    prediction,
    feedback,
    example: JSON.parse(example.slice(1, -1)) as JsonValue
  }))
  const known = [
    ...['rollout', 'id', 'variant', 'predicted', 'label', 'latencyMs', 'cluster'],
    ...['score', 'scores', 'latenciesMs', 'tokensPerSecond', 'error']
  ]
  t.same(
    fields.map(({ name }) => name).filter(name => known.includes(name)),
    known
  )
  for (const kind of ['prediction', 'feedback'] as const) {
    const isRefusedWithout = (left: string) => {
      const kept = fields.filter(field => field.name !== left && field[kind] !== 'ignored')
      const data = Object.fromEntries(kept.map(({ name, example }) => [name, example]))
      return 'refused' in readOwnEvent({ ...event, type: `io.mlgitops.${kind}`, data }, 0)
    }
    t.equal(isRefusedWithout(''), false)
    for (const { name, ...field } of fields) {
      t.equal(isRefusedWithout(name), field[kind].startsWith('required'), `${kind} without ${name}`)
    }
  }
  t.end()
})

const event = { id: 'e1', source: '/churn', time: undefined, extension: () => undefined }
