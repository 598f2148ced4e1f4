import fc from 'fast-check'
import t from 'tap'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Message } from '../../analysis/event/message.ts'
import { verdictJson } from '../../analysis/view/verdict-route.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'

const objectives = {
  'precision.min': '0.92',
  'precision.versus': 'primary',
  'recall.min': '0.5',
  'accuracy.min': '0.5',
  'error-rate.max': '0.05',
  'latency.p50.max': '50ms',
  'latency.p99.versus': 'primary',
  maturity: '30s',
  block: '1m',
  'min-events': '1',
  'min-intervals': '1'
}

const variant = fc.constantFrom('canary' as const, 'primary' as const)
const className = fc.constantFrom('0', '1')

const prediction = fc.record({
  variant,
  predicted: className,
  label: fc.option(className, { nil: undefined }),
  latencyMs: fc.integer({ min: 1, max: 120 }),
  isError: fc.boolean(),
  feedback: fc.option(className, { nil: undefined }),
  offsetMs: fc.integer({ min: 0, max: 239_999 })
})

/** SQLite reads some of these from JSON differently than it stores them. */
const beginnings = ['p', 'é"\\', '\u0000', '😀', '\ud800', '\n']

/** Messages whose result is the same in any order: one label at most for each prediction. */
const messages = fc.array(prediction, { minLength: 1, maxLength: 60 }).map(all =>
  all.flatMap(({ feedback, offsetMs, ...given }, index): Message[] => {
    const identified = {
      rollout,
      id: `${beginnings[index % 6] ?? ''}${index}`,
      timeMs: startMs + offsetMs
    }
    const label = feedback === undefined ? given.label : undefined
    const whole: Message = { kind: 'prediction', ...identified, ...given, label }
    return feedback === undefined
      ? [whole]
      : [whole, { kind: 'feedback', ...identified, label: feedback }]
  })
)

async function judged(batches: readonly (readonly Message[])[], restart = false): Promise<unknown> {
  const folder = restart ? mkdtempSync(path.join(tmpdir(), 'mlgitops-')) : undefined
  const file = folder === undefined ? ':memory:' : path.join(folder, 's.db')
  const bench = new BenchTop({}, file)
  await bench.hook('rollout', objectives)
  for (const batch of batches) {
    await bench.analyst.ingest(batch)
    if (restart) bench.restart()
  }
  bench.nowMs = startMs + 600_000
  if (restart) bench.restart()
  const view = bench.analyst.view(rollout)
  const json = view.kind === 'judged' ? verdictJson(view.judged, bench.nowMs) : undefined
  bench.store.close()
  if (folder !== undefined) rmSync(folder, { recursive: true })
  return json
}

t.test('Order, batches, repetition and restarts do not change a verdict', async t => {
  await fc.assert(
    fc.asyncProperty(
      messages,
      fc.infiniteStream(fc.nat()),
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      async (all, random, size, restart) => {
        const once = await judged([all])
        const shuffled = [...all, ...all.slice(0, 20)]
          .map(message => ({ message, at: Number(random.next().value) }))
          .sort((a, b) => a.at - b.at)
          .map(({ message }) => message)
        const batches = Array.from({ length: Math.ceil(shuffled.length / size) }, (_, index) =>
          shuffled.slice(index * size, (index + 1) * size)
        )
        t.same(await judged(batches, restart), once)
      }
    ),
    { numRuns: 60, seed: 20261124 }
  )
})

t.test('Two concurrent requests both count', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.min': '0.5', maturity: '0s' })
  await Promise.all(Array.from({ length: 20 }, () => bench.send('canary', { events: 10, bad: 1 })))
  t.same(bench.verdicts(), ['accuracy: inconclusive, 20 of 200'])
})

t.test('Labels wait until their prediction is mature', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.min': '0.5', maturity: '30s', block: '10s' })
  const { id } = bench.prediction()
  await bench.analyst.ingest([
    bench.prediction({ id, label: undefined }),
    { kind: 'feedback', rollout, id, timeMs: startMs, label: '0' }
  ])
  const seen: unknown[] = []
  for (const seconds of [0, 29, 36, 60]) {
    bench.nowMs = startMs + seconds * 1_000
    seen.push(bench.verdicts()[0])
  }
  t.same(seen, [
    'accuracy: no-data, 0 of 0',
    'accuracy: no-data, 0 of 0',
    'accuracy: inconclusive, 1 of 1',
    'accuracy: inconclusive, 1 of 1'
  ])
})

t.test('With maturity 0s a label counts when it comes', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.min': '0.5', maturity: '0s' })
  await bench.analyst.ingest([bench.prediction({ id: 'a' })])
  t.same(bench.verdicts(), ['accuracy: no-data, 0 of 0'])
  await bench.analyst.ingest([
    { kind: 'feedback', rollout, id: 'a', timeMs: bench.nowMs, label: '1' }
  ])
  t.same(bench.verdicts(), ['accuracy: inconclusive, 0 of 1'])
})

t.test('Without a maturity, only cells with labels from feedback wait: five minutes', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.min': '0.5' })
  await bench.analyst.ingest([bench.prediction({ label: '1' })])
  t.same(bench.verdicts(), ['accuracy: inconclusive, 0 of 1'])
  await bench.analyst.ingest([
    bench.prediction({ id: 'a' }),
    { kind: 'feedback', rollout, id: 'a', timeMs: startMs, label: '0' }
  ])
  t.same(bench.verdicts(), ['accuracy: no-data, 0 of 0'], 'the whole cell waits')
  bench.nowMs += 361_000
  t.same(bench.verdicts(), ['accuracy: inconclusive, 1 of 2'])
})

t.test(
  'An event from before the run does not count; one of a closed block counts late',
  async t => {
    const bench = new BenchTop()
    await bench.hook('rollout', { 'error-rate.max': '0.01', block: '10s' })
    await bench.analyst.ingest([bench.prediction({ timeMs: startMs - 1 })])
    t.same(bench.verdicts(), ['error-rate: no-data, 0 of 0'])
    bench.nowMs += 20_000
    await bench.analyst.ingest([bench.prediction({ timeMs: startMs + 1 })])
    t.same(bench.verdicts(), ['error-rate: inconclusive, 0 of 1'])
    const [known] = bench.store.rollouts()
    t.same(known && [...bench.store.occurrences(known.id)].sort(), [
      ['before-run', 1],
      ['late', 1]
    ])
  }
)

t.test('Late events prove as much as others: their blocks count as intervals', async t => {
  for (const restart of [false, true]) {
    const bench = new BenchTop()
    const metadata = { 'latency.p95.max': '60ms', block: '1s', 'min-events': '10' }
    await bench.hook('rollout', metadata)
    for (let block = 0; block < 4; block += 1) {
      bench.nowMs += 4_000
      const slow = { timeMs: bench.nowMs - 4_000, latencyMs: 4_000 }
      await bench.analyst.ingest(Array.from({ length: 5 }, () => bench.prediction(slow)))
      await bench.hook('rollout', metadata)
    }
    if (restart) bench.restart()
    t.same(bench.verdicts(), ['latency.p95: fail, 20 of 20'])
  }
})

t.test('A second label is counted as a correction, and the first is kept', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.min': '0.5', maturity: '0s' })
  const feedback = (label: string): Message => ({
    kind: 'feedback',
    rollout,
    id: 'a',
    timeMs: startMs,
    label
  })
  await bench.analyst.ingest([bench.prediction({ id: 'a' }), feedback('1')])
  await bench.analyst.ingest([feedback('0'), feedback('1')])
  t.same(bench.verdicts(), ['accuracy: inconclusive, 0 of 1'])
  const [known] = bench.store.rollouts()
  t.same(known && [...bench.store.occurrences(known.id)].sort(), [
    ['correction', 1],
    ['duplicate', 1]
  ])
})

t.test(
  'Requests and responses of KServe join in any order; latency is the time between them',
  async t => {
    const half = (kind: 'request' | 'response', timeMs: number): Message =>
      kind === 'request'
        ? { kind, rollout, id: 'k', timeMs, variant: 'canary' }
        : { kind, rollout, id: 'k', timeMs, variant: 'canary', predicted: '1' }
    for (const order of [
      [half('request', startMs + 10), half('response', startMs + 130)],
      [half('response', startMs + 130), half('request', startMs + 10)]
    ]) {
      const bench = new BenchTop()
      await bench.hook('rollout', { 'latency.p99.max': '100ms' })
      for (const message of order) await bench.analyst.ingest([message, message])
      t.same(bench.verdicts(), ['latency.p99: inconclusive, 1 of 1'])
    }
  }
)

t.test('Errors and slow predictions are bad; warm-up does not count', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', {
    'latency.p99.max': '100ms',
    'error-rate.max': '0.01',
    warmup: '10s'
  })
  await bench.analyst.ingest([bench.prediction({ latencyMs: 900 })])
  bench.nowMs += 10_000
  await bench.analyst.ingest([
    bench.prediction({ latencyMs: 100 }),
    bench.prediction({ latencyMs: 100.5 }),
    bench.prediction({ latencyMs: undefined, isError: true, predicted: undefined })
  ])
  t.same(bench.verdicts(), [
    'error-rate: inconclusive, 1 of 4',
    'latency.p99: inconclusive, 2 of 3'
  ])
})

t.test("The primary's latency is frozen before it is compared with", async t => {
  const bench = new BenchTop()
  const metadata = { 'latency.p99.versus': 'primary', block: '10s', 'min-intervals': '1' }
  t.equal(await bench.status('rollout', metadata), 200)
  await bench.send('primary', { events: 100, latencyMs: 50 })
  await bench.send('canary', { events: 100, latencyMs: 500 })
  t.same(bench.verdicts(), ['latency.p99 versus primary: no-data, 0 of 0'])
  for (let block = 0; block < 3; block += 1) {
    bench.nowMs += 10_000
    await bench.send('primary', { events: 100, latencyMs: 50 })
    await bench.send('canary', { events: 100, latencyMs: 500 })
  }
  bench.nowMs += 10_000
  t.same(bench.verdicts(), ['latency.p99 versus primary: fail, 300 of 300'])
})

t.test('A canary worse than the primary fails, and an equal one passes', async t => {
  for (const [bad, verdict] of [
    [60, 'fail'],
    [12, 'pass']
  ] as const) {
    const bench = new BenchTop()
    await bench.hook('rollout', { 'accuracy.versus': 'primary', block: '10s', maturity: '0s' })
    for (let block = 0; block < 10; block += 1) {
      await bench.send('primary', { events: 800, bad: 48 })
      await bench.send('canary', { events: 200, bad })
      bench.nowMs += 10_000
    }
    t.same(bench.verdicts(), [`accuracy versus primary: ${verdict}, ${bad * 10} of 2000`])
  }
})
