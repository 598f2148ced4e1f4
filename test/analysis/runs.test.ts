import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Message } from '../../analysis/event/message.ts'
import { batched, json, post } from './analysis-requests.ts'
import type { Json } from './analysis-requests.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'
import { InProcess } from './in-process.ts'

const settings = { 'precision.min': '0.92', maturity: '0s', 'min-intervals': '1' }

/** Asks for the verdict as Argo Rollouts does. */
const ask = async (service: InProcess, metadata: Json = {}, more: Json = {}) => {
  const body = { namespace: 'ml', name: 'churn', phase: 'Progressing', checksum: 'h1', ...more }
  const text = JSON.stringify({ ...body, metadata: { ...settings, ...metadata } })
  const reply = await post(`${service.url}/v1/verdict`, text, json)
  return JSON.parse(reply.body) as {
    readonly verdict: string
    readonly run: { readonly number: number; readonly ended: string | null }
  }
}

t.test('Another attempt with the same pod hash starts a run without the old failure', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  t.match(await ask(service, { attempt: 'a' }), { verdict: 'no-data', run: { number: 1 } })
  await service.send('canary', { events: 200, bad: 100 })
  t.match(await ask(service, { attempt: 'a' }), { verdict: 'fail', run: { number: 1 } })
  t.match(await ask(service), { verdict: 'fail', run: { number: 1 } }, 'none is this one')
  service.nowMs += 1_000
  t.match(await ask(service, { attempt: 'b' }), { verdict: 'no-data', run: { number: 2 } })
  await service.send('canary', { events: 200 })
  t.match(await ask(service, { attempt: 'b' }), { verdict: 'pass', run: { number: 2 } })
})

t.test('Callers with attempts of their own share the newest run', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  t.match(await ask(service, { attempt: 'background' }), { run: { number: 1 } })
  service.nowMs += 1_000
  t.match(await ask(service, { attempt: 'step' }), { run: { number: 2 } })
  await service.send('canary', { events: 200 })
  t.match(await ask(service, { attempt: 'background' }), { verdict: 'pass', run: { number: 2 } })
  t.match(await ask(service, { attempt: 'step' }), { verdict: 'pass', run: { number: 2 } })
})

t.test('The attempt of the example is fixed by Argo Rollouts for each AnalysisRun', t => {
  const text = readFileSync('manifests/examples/canary/analysis-template.yaml', 'utf8')
  t.match(
    text,
    /name: attempt, valueFrom: \{ fieldRef: \{ fieldPath: metadata\.resourceVersion \} \}/
  )
  t.match(text, /metadata:\n +attempt: "\{\{args\.attempt\}\}"/)
  t.end()
})

t.test('The phase ends a run, in the body or in the metadata', async t => {
  for (const [metadata, more, ended] of [
    [{}, { phase: 'Succeeded' }, 'Succeeded'],
    [{ phase: 'Failed' }, {}, 'Failed']
  ] as const) {
    const service = await new InProcess().start()
    await ask(service)
    await service.send('canary', { events: 5 })
    t.match(await ask(service, metadata, more), { run: { number: 1, ended } })
    t.match(await ask(service), { run: { number: 2, ended: null } })
    await service.stop()
  }
})

const sendAt = async (service: InProcess, timeMs: number, more: Json = {}) => {
  const data = { rollout: 'ml/churn', variant: 'canary', id: `e${timeMs}`, predicted: 1 }
  const event = {
    specversion: '1.0',
    id: `e${timeMs}`,
    source: '/scorer',
    type: 'io.mlgitops.prediction',
    time: new Date(timeMs).toISOString(),
    data: { ...data, latencyMs: 5 },
    ...more
  }
  return await post(`${service.url}/v1/events`, JSON.stringify([event]), batched)
}

t.test(
  'Events before the first hook are reported as early, in the answer and on the page',
  async t => {
    const service = await new InProcess().start()
    t.teardown(() => service.stop())
    t.same(await sendAt(service, startMs), { status: 200, body: '{"accepted":1,"early":1}' })
    service.nowMs += 10_000
    await service.hook('rollout', settings)
    t.same(await sendAt(service, startMs + 1), { status: 200, body: '{"accepted":1,"early":1}' })
    t.same(await sendAt(service, service.nowMs), { status: 200, body: '{"accepted":1}' })
    const page = await fetch(`${service.url}/rollouts/ml/churn`)
    t.match(await page.text(), '2 before-run')
  }
)

t.test('A clock that is behind is reported with its source', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  await service.hook('rollout', settings)
  service.nowMs += 60_000
  await sendAt(service, service.nowMs - 1_200_000)
  t.same(await service.hook('confirm-promotion', settings), {
    status: 409,
    body: 'no-data: no data yet; events of the source "/scorer" are from before the run, 1200 s behind our clock: check its clock'
  })
  await service.send('canary', { events: 1 })
  t.notMatch((await service.hook('confirm-promotion', settings)).body, 'clock')
})

t.test('An event without a source is refused, as CloudEvents asks', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  t.match(await sendAt(service, startMs, { source: undefined }), {
    status: 400,
    body: 'an event needs a source'
  })
})

t.test('A label that is corrected within the maturity counts as corrected', async t => {
  const bench = new BenchTop()
  const metadata = { 'accuracy.min': '0.5', maturity: '10s', block: '10s' }
  await bench.hook('rollout', metadata)
  const feedback = (label: string): Message => ({
    kind: 'feedback',
    rollout,
    id: 'a',
    timeMs: startMs,
    label
  })
  await bench.analyst.ingest([feedback('0'), feedback('1'), bench.prediction({ id: 'a' })])
  const occurrences = () => {
    const [known] = bench.store.rollouts()
    return Object.fromEntries(bench.store.occurrences(known?.id ?? 0))
  }
  bench.nowMs += 5_000
  await bench.analyst.ingest([feedback('0')])
  await bench.analyst.ingest([feedback('1')])
  await bench.analyst.ingest([feedback('0')])
  bench.nowMs += 15_000
  t.same(bench.verdicts(), ['accuracy: inconclusive, 1 of 1'], 'the last one before it is due')
  t.notOk(occurrences().correction)
  await bench.analyst.ingest([feedback('1')])
  t.same(bench.verdicts(), ['accuracy: inconclusive, 1 of 1'])
  t.match(occurrences(), { correction: 1 })
  bench.restart()
  t.same(bench.verdicts(), ['accuracy: inconclusive, 1 of 1'])
})
