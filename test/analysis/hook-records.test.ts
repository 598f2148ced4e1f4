import t from 'tap'
import type { RunVerdict } from '../../analysis/judge/verdict.ts'
import type { LiveRun } from '../../analysis/run/rollouts.ts'
import { BenchTop, rollout } from './bench-top.ts'

const objectives = { 'precision.min': '0.92', maturity: '0s' }

/** `type status text` of the stored calls of a run, the oldest first. */
const stored = (bench: BenchTop, run = 1) =>
  bench.store
    .hooks(run, 100)
    .map(({ type, status, text }) => `${type} ${status} ${text}`)
    .toReversed()

t.test('Every call is stored with its run and its answer', async t => {
  const bench = new BenchTop()
  await bench.hook('event', { eventMessage: 'New revision detected!' })
  await bench.hook('confirm-rollout', objectives, { phase: 'Initialized' })
  await bench.hook('pre-rollout', objectives)
  await bench.hook('event', { eventMessage: 'Starting canary analysis\nfor churn.ml' })
  await bench.hook('event')
  await bench.hook('rollback', { 'precision.min': '92' })
  await bench.hook('confirm-promotion', objectives)
  await bench.hook('post-rollout', {}, { phase: 'Succeeded' })
  await bench.hook('event', { eventMessage: 'a late one' })
  t.same(stored(bench), [
    'pre-rollout 200 no-data: no data yet',
    'event 200 Starting canary analysis for churn.ml',
    'event 200 phase Progressing',
    'confirm-promotion 409 no-data: no data yet',
    'post-rollout 200 archived',
    'event 200 a late one'
  ])
  t.match(bench.store.lastRun(1), { number: 1, endedPhase: 'Succeeded', endedMs: bench.nowMs })
})

t.test('The end of a run has the phase of the Canary, if it says one', async t => {
  const cases = [
    ['confirm-rollout', 'Failed', 'Failed'],
    ['confirm-rollout', 'Initialized', null],
    ['post-rollout', 'Succeeded', 'Succeeded'],
    ['event', 'Failed', 'Failed']
  ] as const
  for (const [type, phase, endedPhase] of cases) {
    const bench = new BenchTop()
    await bench.hook('rollout', objectives)
    await bench.hook(type, {}, { phase })
    t.match(bench.store.lastRun(1), { endedMs: bench.nowMs, endedPhase }, `${type} ${phase}`)
  }
})

t.test('Hooks that judge nothing reject objectives that cannot be used', async t => {
  const bench = new BenchTop()
  for (const type of ['confirm-rollout', 'post-rollout'] as const) {
    t.match(await bench.hook(type, { 'precision.min': '92' }), /^400 .*precision\.min: found "92"/)
  }
})

t.test('A run has at most 8 sets of objectives', async t => {
  const bench = new BenchTop()
  const set = (number: number) => ({ ...objectives, 'min-events': String(number) })
  for (let number = 1; number <= 8; number += 1) {
    t.equal(await bench.hook('rollout', set(number)), '200 no-data: no data yet')
  }
  t.equal(
    await bench.hook('rollout', set(9)),
    '400 the hooks of a run can name at most 8 different sets of objectives'
  )
  t.equal(await bench.hook('rollout', set(8)), '200 no-data: no data yet')
  t.equal(bench.store.analyses(1).length, 8)
  t.equal(await bench.hook('rollout', {}, { checksum: 'c2' }), '200 no-data: no data yet')
  t.equal(bench.store.analyses(2).length, 8, 'the next run repeats them')
})

t.test('After a hook that judged, the worst verdict of its run is published', async t => {
  const published: string[] = []
  const judged = (of: typeof rollout, { row }: LiveRun, { verdict }: RunVerdict) => {
    published.push(`${of.name} ${row.number} ${verdict}`)
  }
  const bench = new BenchTop({ judged })
  const latency = { 'latency.p99.max': '100ms', 'min-intervals': '1' }
  await bench.hook('rollout', latency)
  await bench.send('canary', { events: 500, bad: 400, latencyMs: 5 })
  t.match(await bench.hook('rollout', latency), /^200 pass: /)
  t.match(await bench.hook('rollout', { ...objectives, 'min-intervals': '1' }), /^412 fail: /)
  t.match(await bench.hook('rollout', latency), /^200 pass: /)
  await bench.hook('event')
  await bench.hook('post-rollout')
  t.same(published, ['churn 1 no-data', 'churn 1 pass', 'churn 1 fail', 'churn 1 fail'])
})
