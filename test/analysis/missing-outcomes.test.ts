import t from 'tap'
import type { Message } from '../../analysis/event/message.ts'
import { verdictJson } from '../../analysis/view/verdict-route.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'

interface Logged {
  readonly requests: number
  /** How many of them get a response. */
  readonly responses: number
  readonly variant?: 'canary' | 'primary'
  readonly latencyMs?: number
}

let sent = 0

/** Requests and responses as KServe's logger sends them. */
const logged = (
  bench: BenchTop,
  { requests, responses, variant = 'canary', latencyMs = 20 }: Logged
): readonly Message[] =>
  Array.from({ length: requests }, (_, at): Message[] => {
    const identified = { rollout, id: `k${(sent += 1)}`, variant }
    const request: Message = { kind: 'request', ...identified, timeMs: bench.nowMs }
    const timeMs = bench.nowMs + latencyMs
    const response: Message = { kind: 'response', ...identified, timeMs, predicted: '1' }
    return at < responses ? [request, response] : [request]
  }).flat()

const objectivesOf = (bench: BenchTop) => {
  const view = bench.analyst.view(rollout)
  if (view.kind !== 'judged') throw new Error('no verdict')
  const { objectives } = verdictJson(view.judged, bench.nowMs) as {
    readonly objectives: readonly Readonly<Record<string, unknown>>[]
  }
  return objectives
}

t.test('A request without a response is an error, and slower than anything', async t => {
  for (const restart of [false, true]) {
    const bench = new BenchTop()
    const metadata = { 'error-rate.max': '0.01', 'latency.p95.max': '100ms', block: '10s' }
    await bench.hook('rollout', metadata)
    for (let block = 0; block < 3; block += 1) {
      await bench.analyst.ingest(logged(bench, { requests: 200, responses: 100 }))
      bench.nowMs += 10_000
    }
    t.same(
      bench.verdicts(),
      ['error-rate: no-data, 0 of 0', 'latency.p95: no-data, 0 of 0'],
      'the others wait with it until it is due'
    )
    bench.nowMs += 60_000
    if (restart) bench.restart()
    t.same(bench.verdicts(), ['error-rate: fail, 300 of 600', 'latency.p95: fail, 300 of 600'])
  }
})

t.test('response-timeout says how long a response may take, by any clock', async t => {
  const timeout = { 'error-rate.max': '0.5', 'response-timeout': '2s', block: '1m' }
  const bench = new BenchTop()
  await bench.hook('rollout', timeout)
  const [request, response] = logged(bench, { requests: 1, responses: 1 })
  if (request === undefined || response === undefined) throw new Error('nothing was sent')
  await bench.analyst.ingest([request])
  bench.nowMs += 1_900
  t.same(bench.verdicts(), ['error-rate: no-data, 0 of 0'])
  bench.nowMs += 400
  t.same(bench.verdicts(), ['error-rate: inconclusive, 1 of 1'])
  await bench.analyst.ingest([response])
  t.same(bench.verdicts(), ['error-rate: inconclusive, 1 of 1'], 'a late response does not count')
  await bench.analyst.ingest(logged(bench, { requests: 1, responses: 1, latencyMs: 2_001 }))
  t.same(bench.verdicts(), ['error-rate: inconclusive, 2 of 2'], 'nor does a slow one')
  await bench.analyst.ingest(logged(bench, { requests: 1, responses: 1, latencyMs: 2_000 }))
  t.same(bench.verdicts(), ['error-rate: inconclusive, 2 of 3'])
  const [known] = bench.store.rollouts()
  t.match(Object.fromEntries(bench.store.occurrences(known?.id ?? 0)), { late: 1, orphaned: 0 })
})

t.test('A request that is logged late gets the whole timeout for its response', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'error-rate.max': '0.5', block: '10s' })
  const late = logged(bench, { requests: 2, responses: 1 })
  bench.nowMs += 300_000
  await bench.analyst.ingest(late.filter(({ kind }) => kind === 'request'))
  bench.nowMs += 50_000
  t.same(bench.verdicts(), ['error-rate: no-data, 0 of 0'])
  await bench.analyst.ingest(late.filter(({ kind }) => kind === 'response'))
  t.same(bench.verdicts(), ['error-rate: no-data, 0 of 0'], 'one still waits')
  bench.nowMs += 20_000
  t.same(bench.verdicts(), ['error-rate: inconclusive, 1 of 2'])
})

t.test('A request whose label came first gets the whole timeout too', async t => {
  for (const restart of [false, true]) {
    const bench = new BenchTop()
    await bench.hook('rollout', { 'error-rate.max': '0.5', block: '10s' })
    const late = logged(bench, { requests: 2, responses: 2 })
    await bench.analyst.ingest(
      late
        .filter(({ kind }) => kind === 'request')
        .map(({ id }) => ({ kind: 'feedback', rollout, id, timeMs: bench.nowMs, label: '1' }))
    )
    bench.nowMs += 90_000
    await bench.analyst.ingest(late.filter(({ kind }) => kind === 'request'))
    if (restart) bench.restart()
    bench.nowMs += 50_000
    t.same(bench.verdicts(), ['error-rate: no-data, 0 of 0'])
    await bench.analyst.ingest(late.filter(({ kind }) => kind === 'response').slice(1))
    bench.nowMs += 20_000
    t.same(bench.verdicts(), ['error-rate: inconclusive, 1 of 2'])
  }
})

t.test('A block waits for the responses of its requests, and for nothing else', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'error-rate.versus': 'primary', block: '10s' })
  const both = (canary: number, primary: number) => [
    ...logged(bench, { requests: 200, responses: canary }),
    ...logged(bench, { requests: 200, responses: primary, variant: 'primary' })
  ]
  for (let block = 0; block < 4; block += 1) {
    await bench.analyst.ingest(both(100, 199))
    bench.nowMs += 10_000
  }
  t.same(bench.verdicts(), ['error-rate versus primary: no-data, 0 of 0'])
  bench.nowMs += 40_000
  t.same(bench.verdicts(), ['error-rate versus primary: fail, 200 of 400'], 'two of them are due')
  bench.nowMs += 20_000
  t.same(bench.verdicts(), ['error-rate versus primary: fail, 400 of 800'])
})

t.test('A canary that errs and is precise on the rest fails by its guard', async t => {
  for (const restart of [false, true]) {
    const bench = new BenchTop()
    const metadata = { 'precision.min': '0.92', maturity: '0s', block: '10s' }
    await bench.hook('rollout', metadata)
    const error = { isError: true, predicted: undefined, latencyMs: undefined }
    for (let block = 0; block < 3; block += 1) {
      await bench.send('canary', { events: 80 })
      await bench.analyst.ingest(Array.from({ length: 120 }, () => bench.prediction(error)))
      await bench.send('primary', { events: 800 })
      bench.nowMs += 10_000
    }
    if (restart) bench.restart()
    t.equal(
      await bench.hook('confirm-promotion', metadata),
      "412 fail: guard: error rate 0.6 of 600 events, the primary's 0 of 2400: above the primary's"
    )
    const objectives = objectivesOf(bench)
    t.match(objectives, [
      { metric: 'precision', verdict: 'pass' },
      {
        metric: 'error-rate',
        versus: 'primary',
        guard: true,
        verdict: 'fail',
        primary: { events: 2_400, bad: 0, estimate: 0 }
      }
    ])
  }
})

t.test('Lost responses of KServe fail the guard too', async t => {
  const bench = new BenchTop()
  const metadata = { 'latency.p50.max': '100ms', block: '10s' }
  await bench.hook('rollout', metadata)
  for (let block = 0; block < 3; block += 1) {
    await bench.analyst.ingest([
      ...logged(bench, { requests: 200, responses: 160 }),
      ...logged(bench, { requests: 800, responses: 800, variant: 'primary' })
    ])
    bench.nowMs += 10_000
  }
  bench.nowMs += 60_000
  t.match(
    await bench.hook('rollback', metadata),
    /^200 fail: guard: error rate 0\.2 of 600 events, the primary's 0 of 2400: /
  )
})

t.test(
  'A guard is listed once it fails, and not where it is off or an objective is there',
  async t => {
    for (const [given, objectives] of [
      [{}, ['precision', 'guard']],
      [{ guards: 'off' }, ['precision']],
      [{ 'error-rate.max': '0.9' }, ['precision', 'error-rate']]
    ] as const) {
      for (const [canary, names] of [
        [50, objectives.filter(name => name !== 'guard')],
        [500, objectives]
      ] as const) {
        const bench = new BenchTop()
        await bench.hook('rollout', {
          'precision.min': '0.5',
          maturity: '0s',
          block: '10s',
          ...given
        })
        const errors = (variant: 'canary' | 'primary', length: number) =>
          Array.from({ length }, () =>
            bench.prediction({ variant, isError: true, predicted: undefined })
          )
        for (let block = 0; block < 3; block += 1) {
          await bench.send('canary', { events: 100 })
          await bench.send('primary', { events: 100 })
          await bench.analyst.ingest([...errors('canary', canary), ...errors('primary', 50)])
          bench.nowMs += 10_000
        }
        t.same(
          objectivesOf(bench).map(({ metric, guard }) => (guard === true ? 'guard' : metric)),
          names
        )
      }
    }
  }
)

t.test('A guard neither makes a run pass nor keeps it from passing', async t => {
  const bench = new BenchTop()
  const metadata = { 'latency.p50.max': '100ms', block: '10s' }
  await bench.hook('rollout', metadata)
  for (let block = 0; block < 3; block += 1) {
    await bench.send('canary', { events: 200, latencyMs: 20 })
    await bench.send('primary', { events: 5, latencyMs: 20 })
    bench.nowMs += 10_000
  }
  t.match(objectivesOf(bench), [{ verdict: 'pass' }])
  t.match(
    await bench.hook('confirm-promotion', metadata),
    /^200 pass: share of requests slower than 100 ms at most 0\.00862; .*, P50 latency 19\.9 ms$/
  )
})

t.test(
  'Unanswered requests of the primary before a run show how bursty its errors are',
  async t => {
    const bench = new BenchTop()
    bench.nowMs = startMs - 200_000
    for (let block = 0; block < 10; block += 1) {
      const responses = block % 2 === 0 ? 100 : 50
      await bench.analyst.ingest(logged(bench, { requests: 100, responses, variant: 'primary' }))
      bench.nowMs += 10_000
    }
    bench.nowMs = startMs
    await bench.hook('rollout', { 'error-rate.max': '0.2', block: '10s' })
    const run = bench.analyst.rollouts()[0]?.run
    t.match(run?.row.facts.history, { error: { windows: 10, events: 1_000, bad: 250 } })
  }
)
