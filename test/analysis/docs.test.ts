import { readFileSync } from 'node:fs'
import t from 'tap'
import { analysisKeys, metricKeys } from '../../analysis/settings/keys.ts'
import { metrics } from '../../analysis/settings/metric.ts'
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

t.test('The table of docs/analysis.md has every key of the objective settings', t => {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const rows = [...metricKeys, ...analysisKeys].map(
    ({ name, value, default: otherwise = '', description }) =>
      `| \`${name}\` | ${cell(value)} | ${cell(otherwise)} | ${cell(description)} |`
  )
  const table = ['| key | value | default | meaning |', '| --- | --- | --- | --- |', ...rows]
  t.ok(page.includes(table.join('\n')), table.join('\n'))
  const text = page.replaceAll('\n', ' ')
  t.ok(text.includes(`Metrics: ${metrics.map(metric => `\`${metric}\``).join(', ')}.`))
  t.end()
})
