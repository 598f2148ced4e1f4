import fc from 'fast-check'
import t from 'tap'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Message } from '../../analysis/event/message.ts'
import { pairEvidence } from '../../analysis/statistics/comparison/pair-evidence.ts'
import { verdictJson } from '../../analysis/view/verdict-route.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'

const arms = ['canary', 'primary'] as const
const quick = { maturity: '0s', block: '1m', 'min-intervals': '1', guards: 'off' }

interface Request {
  readonly canary: string
  readonly primary: string
  readonly label?: string | undefined
}

let sent = 0

/** The predictions of both arms for the same requests, with one ID each. */
function mirrored(bench: BenchTop, requests: readonly Request[]): readonly Message[] {
  return requests.flatMap(request => {
    sent += 1
    const id = `m${sent}`
    return arms.map(variant =>
      bench.prediction({ id, variant, predicted: request[variant], label: request.label })
    )
  })
}

function repeat(times: number, request: Request): readonly Request[] {
  return Array.from({ length: times }, () => request)
}

function objectives(bench: BenchTop) {
  const view = bench.analyst.view(rollout)
  return view.kind === 'judged' ? view.judged.verdicts.flatMap(each => each.objectives) : []
}

t.test('Requests that both arms got are compared as pairs, and the verdict says so', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.versus': 'primary', ...quick })
  await bench.analyst.ingest(
    mirrored(bench, [
      ...repeat(160, { canary: '1', primary: '1', label: '1' }),
      ...repeat(24, { canary: '0', primary: '1', label: '1' }),
      ...repeat(2, { canary: '1', primary: '0', label: '1' }),
      ...repeat(14, { canary: '0', primary: '0', label: '1' })
    ])
  )
  bench.nowMs += 60_000
  const [accuracy] = objectives(bench)
  t.equal(
    accuracy?.reason,
    "accuracy 0.81 of 200 events, the primary's 0.92 of 200: below the primary's; judged by the 200 mirrored requests of closed blocks: only the canary was wrong in 24, only the primary in 2"
  )
  t.same(accuracy?.pairs, { pairs: 200, onlyCanaryBad: 24, onlyPrimaryBad: 2 })
  t.same(accuracy?.primary, { events: 200, bad: 16, estimate: 0.92 })
  const { lnEFail } = pairEvidence({ pairs: 200, onlyCanaryBad: 24, onlyPrimaryBad: 2 }, 0.02)
  t.equal(accuracy?.lnEFail, lnEFail)
})

t.test('Two models that agree pass after few mirrored requests', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', {
    'accuracy.versus': 'primary',
    'error-rate.versus': 'primary',
    'latency.p99.versus': 'primary',
    ...quick
  })
  for (let minute = 0; minute < 8; minute += 1) {
    await bench.analyst.ingest(
      mirrored(bench, repeat(100, { canary: '1', primary: '1', label: minute > 0 ? '1' : '0' }))
    )
    bench.nowMs += 60_000
  }
  t.same(
    objectives(bench).map(({ metric, verdict, pairs }) => [metric, verdict, pairs?.pairs]),
    [
      ['accuracy', 'pass', 800],
      ['error-rate', 'pass', 800],
      ['latency.p99', 'pass', 700]
    ],
    'latencies count from when the cuts are known'
  )
})

t.test('Precision has no pairs: which predictions it is about depends on the arm', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'precision.versus': 'primary', ...quick })
  await bench.analyst.ingest(
    mirrored(bench, repeat(100, { canary: '1', primary: '1', label: '1' }))
  )
  bench.nowMs += 60_000
  const [precision] = objectives(bench)
  t.equal(precision?.pairs, undefined)
  t.match(precision?.assumption, /^each request is assigned to canary or primary at random/)
})

t.test('What only one arm got does not count once requests are mirrored', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.versus': 'primary', ...quick, dispersion: 'off' })
  const alone = (variant: 'canary' | 'primary', label: string) =>
    Array.from({ length: 40 }, () => bench.prediction({ variant, label }))
  await bench.analyst.ingest([...alone('canary', '0'), ...alone('primary', '1')])
  bench.nowMs += 60_000
  const before = objectives(bench)[0]?.lnEFail ?? 0
  t.ok(before > 10, 'blocks from before the first pair count by arm')
  await bench.analyst.ingest([
    ...mirrored(bench, repeat(10, { canary: '1', primary: '1', label: '1' })),
    ...alone('canary', '0')
  ])
  bench.nowMs += 60_000
  const [after] = objectives(bench)
  t.equal(after?.lnEFail, before, 'ten pairs that agree, and forty requests of the canary alone')
  bench.restart()
  t.equal(objectives(bench)[0]?.lnEFail, before)
})

t.test('A missing label counts for the canary in FAIL and against it in PASS, by pair', async t => {
  const bench = new BenchTop()
  const all = { 'accuracy.versus': 'primary', 'recall.versus': 'primary', ...quick }
  await bench.hook('rollout', { ...all, maturity: '30s' })
  await bench.analyst.ingest(
    mirrored(bench, [
      ...repeat(50, { canary: '1', primary: '1' }),
      ...repeat(30, { canary: '0', primary: '1' }),
      ...repeat(20, { canary: '0', primary: '1', label: '1' })
    ])
  )
  bench.nowMs += 120_000
  const wanted = [
    pairEvidence({ pairs: 20, onlyCanaryBad: 20, onlyPrimaryBad: 0 }, 0.02).lnEFail,
    pairEvidence({ pairs: 50, onlyCanaryBad: 50, onlyPrimaryBad: 0 }, 0.02).lnEPass,
    pairEvidence({ pairs: 100, onlyCanaryBad: 20, onlyPrimaryBad: 30 }, 0.02).lnEFail,
    pairEvidence({ pairs: 100, onlyCanaryBad: 50, onlyPrimaryBad: 0 }, 0.02).lnEPass
  ]
  const evidence = () => objectives(bench).flatMap(({ lnEFail, lnEPass }) => [lnEFail, lnEPass])
  t.same(evidence(), wanted)
  const late = Array.from({ length: sent }, (_, at) => `m${sent - at}`)
  await bench.analyst.ingest(
    late
      .slice(0, 100)
      .map(id => ({ kind: 'feedback', rollout, id, timeMs: bench.nowMs, label: '0' }))
  )
  t.same(evidence(), wanted, 'a label that comes after the maturity decides nothing')
  const sampled = new BenchTop()
  await sampled.hook('rollout', { ...all, labels: 'sampled' })
  await sampled.analyst.ingest(
    mirrored(sampled, [
      ...repeat(30, { canary: '0', primary: '1' }),
      ...repeat(20, { canary: '0', primary: '1', label: '1' })
    ])
  )
  sampled.nowMs += 60_000
  const accuracy = objectives(sampled).find(({ metric }) => metric === 'accuracy')
  t.same(accuracy?.pairs, { pairs: 20, onlyCanaryBad: 20, onlyPrimaryBad: 0 })
})

t.test('A response that does not come is an error in its pair', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'error-rate.versus': 'primary', ...quick })
  bench.nowMs += 30_000
  const halves = Array.from({ length: 40 }, (_, at): readonly Message[] => {
    const shared = { rollout, id: `k${at}`, timeMs: bench.nowMs }
    const requests = arms.map(variant => ({ kind: 'request', ...shared, variant }) as const)
    const response = { kind: 'response', ...shared, variant: 'primary', predicted: '1' } as const
    return [...requests, response]
  })
  await bench.analyst.ingest(halves.flat())
  bench.nowMs += 30_000
  t.same(objectives(bench)[0]?.pairs, undefined, 'the block waits for responses')
  bench.nowMs += 60_000
  t.same(objectives(bench)[0]?.pairs, { pairs: 40, onlyCanaryBad: 40, onlyPrimaryBad: 0 })
  t.equal(objectives(bench)[0]?.verdict, 'fail')
})

const className = fc.constantFrom('0', '1')
const request = fc.record({
  canary: className,
  primary: className,
  label: fc.option(className, { nil: undefined }),
  isSeparate: fc.boolean(),
  only: fc.constantFrom(undefined, ...arms),
  isLogged: fc.boolean()
})

/** The messages of requests, most of them mirrored, in any order. */
const messages = fc.array(request, { minLength: 1, maxLength: 30 }).map(all =>
  all.flatMap(({ label, isSeparate, only, isLogged, ...predicted }, at): Message[] => {
    const shared = { rollout, id: `r${at}`, timeMs: startMs + at * 7_000 }
    const parts = arms
      .filter(variant => only === undefined || variant === only)
      .flatMap((variant): Message[] =>
        isLogged
          ? [
              { kind: 'request', ...shared, variant },
              { kind: 'response', ...shared, variant, predicted: predicted[variant] }
            ]
          : [
              {
                kind: 'prediction',
                ...shared,
                variant,
                predicted: predicted[variant],
                label: isSeparate ? undefined : label,
                latencyMs: 10,
                isError: false
              }
            ]
      )
    const isFeedback = label !== undefined && (isSeparate || isLogged)
    return isFeedback ? [...parts, { kind: 'feedback', ...shared, label }] : parts
  })
)

const compared = {
  'accuracy.versus': 'primary',
  'recall.versus': 'primary',
  'error-rate.versus': 'primary',
  ...quick,
  maturity: '30s'
}

async function judged(batches: readonly (readonly Message[])[], isRestarted: boolean) {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-'))
  const bench = new BenchTop({}, isRestarted ? path.join(folder, 's.db') : ':memory:')
  await bench.hook('rollout', compared)
  for (const batch of batches) {
    await bench.analyst.ingest(batch)
    if (isRestarted) bench.restart()
  }
  bench.nowMs = startMs + 900_000
  const view = bench.analyst.view(rollout)
  const json = view.kind === 'judged' ? verdictJson(view.judged, bench.nowMs) : undefined
  bench.store.close()
  rmSync(folder, { recursive: true })
  return json
}

t.test('Order, batches, repetition and restarts do not change a verdict by pairs', async t => {
  await fc.assert(
    fc.asyncProperty(
      messages,
      fc.infiniteStream(fc.nat()),
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      async (all, random, size, isRestarted) => {
        const shuffled = [...all, ...all.slice(0, 20)]
          .map(message => ({ message, at: Number(random.next().value) }))
          .sort((a, b) => a.at - b.at)
          .map(({ message }) => message)
        const batches = Array.from({ length: Math.ceil(shuffled.length / size) }, (_, index) =>
          shuffled.slice(index * size, (index + 1) * size)
        )
        t.same(await judged(batches, isRestarted), await judged([all], false))
      }
    ),
    { numRuns: 60, seed: 20261201 }
  )
})

t.test('An analysis that starts after the events counts the same pairs', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.versus': 'primary', ...quick, maturity: '30s' })
  await bench.analyst.ingest([
    ...mirrored(bench, repeat(30, { canary: '0', primary: '1', label: '1' })),
    ...mirrored(bench, repeat(30, { canary: '1', primary: '1' }))
  ])
  bench.nowMs += 10_000
  const ids = Array.from({ length: 30 }, (_, at) => `m${sent - at}`)
  await bench.analyst.ingest(
    ids.map(id => ({ kind: 'feedback', rollout, id, timeMs: bench.nowMs, label: '0' }))
  )
  await bench.hook('rollout', {
    'accuracy.versus': 'primary',
    ...quick,
    maturity: '30s',
    alpha: '0.02'
  })
  bench.nowMs += 120_000
  const pairs = objectives(bench).map(each => each.pairs)
  t.same(pairs, [
    { pairs: 60, onlyCanaryBad: 30, onlyPrimaryBad: 0 },
    { pairs: 60, onlyCanaryBad: 30, onlyPrimaryBad: 0 }
  ])
})
