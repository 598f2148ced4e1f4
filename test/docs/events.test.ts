import { readFileSync } from 'node:fs'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { InProcess } from '../analysis/in-process.ts'

/** A row with five columns: names, required or not, form, meaning and example. */
interface Row {
  readonly names: readonly string[]
  readonly required: string
  readonly example: string
}

const page = readFileSync('docs/analysis/events.md', 'utf8')
const rows: readonly Row[] = page
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.split('|').map(cell => cell.trim()))
  .filter(({ length }) => length === 7)
  .map(([, names = '', required = '', , , example = '']) => ({
    names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    required,
    example: example.slice(1, -1)
  }))

const isOfKserve = ({ names }: Row) => names.some(name => name.startsWith('ce-'))
const isOfBody = ({ required }: Row) => required.includes('V1') || required.includes('V2')

async function statusOf(url: string, body: JsonValue, headers: Readonly<Record<string, string>>) {
  const text = JSON.stringify(body)
  const { status } = await fetch(url, { method: 'POST', headers, body: text })
  return status
}

t.test('an event of our own is refused without each attribute that is required', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  const attributes = rows.filter(row => !isOfKserve(row) && !isOfBody(row))
  t.equal(attributes.length, 7)
  const without = async (left: string) => {
    const event = Object.fromEntries(
      attributes
        .filter(({ names }) => !names.includes(left))
        .map(({ names: [name = ''], example }) => [name, JSON.parse(example) as JsonValue])
    )
    const headers = { 'content-type': 'application/cloudevents+json' }
    return await statusOf(`${service.url}/v1/events`, event, headers)
  }
  t.equal(await without(''), 200)
  for (const { names, required } of attributes) {
    for (const name of names) t.equal(await without(name), required === 'yes' ? 400 : 200, name)
  }
})

t.test('an event of KServe is refused without each attribute that is required', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  const attributes = rows.filter(isOfKserve)
  t.equal(attributes.length, 9)
  const without = async (left: string) => {
    const kept = attributes.flatMap(({ names, example }) =>
      names.filter(name => name !== left).map(name => [name, example] as const)
    )
    const headers = { ...Object.fromEntries(kept), 'content-type': 'application/json' }
    return await statusOf(`${service.url}/v1/events/canary`, { predictions: [1] }, headers)
  }
  t.equal(await without(''), 200)
  for (const { names, required } of attributes) {
    for (const name of names) t.equal(await without(name), required === 'yes' ? 400 : 200, name)
  }
})

t.test('a body of KServe has one of the members that are required', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  const headers = (kind: string) => ({
    ...Object.fromEntries(
      rows.filter(isOfKserve).flatMap(({ names, example }) => names.map(name => [name, example]))
    ),
    'ce-type': `org.kubeflow.serving.inference.${kind}`,
    'content-type': 'application/json'
  })
  const send = (kind: string, body: JsonObject) =>
    statusOf(`${service.url}/v1/events/canary`, body, headers(kind))
  t.equal(await send('response', {}), 400)
  t.equal(await send('request', {}), 200)
  const members = rows.filter(isOfBody)
  t.equal(members.length, 4)
  for (const { names: [name = ''], required, example } of members) {
    const kind = required.includes('request') ? 'request' : 'response'
    t.equal(await send(kind, { [name]: JSON.parse(example) as JsonValue }), 200, name)
  }
})
