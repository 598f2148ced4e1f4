import t from 'tap'
import type { Message } from '../../analysis/event/message.ts'
import { bucketOf } from '../../analysis/statistics/latency/log-histogram.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import { batched, counts, json, post } from './analysis-requests.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'
import { InProcess } from './in-process.ts'

const time = new Date(startMs).toISOString()
const event = (id: string, data: Readonly<Record<string, unknown>>, type = 'prediction') => ({
  specversion: '1.0',
  id,
  source: '/t',
  type: `io.mlgitops.${type}`,
  time,
  data: { rollout: 'ml/churn', id, ...data }
})

t.test('Requests and responses of mirrored traffic share an ID and are joined by arm', async t => {
  const half = (variant: 'canary' | 'primary', latencyMs: number): readonly [Message, Message] => [
    { kind: 'request', rollout, id: 'k', timeMs: startMs, variant },
    { kind: 'response', rollout, id: 'k', timeMs: startMs + latencyMs, variant, predicted: '1' }
  ]
  const [canary, primary] = [half('canary', 20), half('primary', 900)]
  for (const order of [
    [primary[0], canary[0], canary[1], primary[1]],
    [primary[1], canary[0], canary[1], primary[0]]
  ]) {
    const bench = new BenchTop()
    await bench.hook('rollout', { 'latency.p99.max': '100ms' })
    await bench.analyst.ingest(order)
    const latencies = bench.analyst.rollouts()[0]?.run.latencies
    t.same([...(latencies?.primary ?? [])], [[bucketOf(900), 1]])
    t.same([...(latencies?.canary ?? [])], [[bucketOf(20), 1]])
  }
})

t.test("KServe's event ID is bounded, and the annotation wins over the path", async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  const metadata = { 'error-rate.max': '0.5' }
  await service.hook('rollout', metadata)
  const send = async (id: string, kind: string, annotations: Record<string, string> = {}) =>
    await post(`${service.url}/v1/events/primary`, '{"predictions":[1]}', {
      ...json,
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': '/t',
      'ce-type': `org.kubeflow.serving.inference.${kind}`,
      'ce-time': time,
      'ce-namespace': 'ml',
      'ce-inferenceservicename': 'churn',
      ...annotations
    })
  const annotated = { 'ce-annotations': '{"mlgitops.io/variant":"canary"}' }
  for (const [id, more] of [
    ['a'.repeat(200), annotated],
    ['b', {}]
  ] as const) {
    t.equal((await send(id, 'request', more)).status, 200)
    t.equal((await send(id, 'response', more)).status, 200)
  }
  t.equal(await counts(service.url), 'error-rate 0/1', "the annotation made one the canary's")
  const { status, body } = await send('a'.repeat(201), 'request')
  t.equal(status, 400)
  t.match(body, '"reason":"the event ID is longer than 200 characters"')
})

t.test('A class with a lone surrogate stays the same class after it was stored', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  await service.hook('rollout', { 'accuracy.min': '0.5', maturity: '0s' })
  const odd = 'x\ud800y'
  const send = async (one: unknown) =>
    await post(`${service.url}/v1/events`, JSON.stringify([one]), batched)
  await send(event('a', { variant: 'canary', predicted: odd, latencyMs: 1 }))
  await send(event('a', { label: odd }, 'feedback'))
  t.equal(await counts(service.url), 'accuracy 0/1')
})

t.test('Events add ten thousand canaries and no more, also with concurrent requests', async t => {
  const store = openSqliteStore(':memory:')
  const service = await new InProcess().start({ store, namespaces: ['ml'] })
  t.teardown(() => service.stop())
  const send = async (from: number, to: number, namespace = 'ml') => {
    const all = Array.from({ length: to - from }, (_, at) =>
      event('a', {
        rollout: `${namespace}/c${from + at}`,
        variant: 'canary',
        predicted: 1,
        latencyMs: 1
      })
    )
    const { body } = await post(`${service.url}/v1/events`, JSON.stringify(all), batched)
    const { accepted, refused = [] } = JSON.parse(body) as {
      accepted: number
      refused?: readonly { reason: string }[]
    }
    return [accepted, refused[0]?.reason]
  }
  t.same(await send(0, 200, 'other'), [0, 'this service does not judge namespace other'])
  const both = await Promise.all([send(0, 8_000), send(8_000, 16_000)])
  t.equal(
    both.reduce((sum, [accepted]) => sum + Number(accepted), 0),
    10_000
  )
  const full = 'too many canaries are known: events cannot add another'
  t.same(await send(20_000, 20_001), [0, full])
  t.equal(store.rollouts().length, 10_000)
  t.same(await send(5, 6), [1, undefined], 'known canaries still count')
  await service.hook('rollout', { 'accuracy.min': '0.5' }, { name: 'by-hook' })
  t.equal(store.rollouts().length, 10_001)
})
