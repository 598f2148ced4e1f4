import t from 'tap'
import { modelMetrics } from '../../analysis/metrics/model-metrics.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'

const objectives = {
  'error-rate.max': '0.02',
  'accuracy.min': '0.9',
  maturity: '1m',
  'latency.p99.max': '1s'
}

interface Traffic {
  readonly events: number
  readonly errors?: number
  readonly wrong?: number
  readonly positive?: number
  readonly latencyMs?: number
}

/** Traffic of the primary in one window of five minutes. */
async function window(bench: BenchTop, traffic: Traffic): Promise<void> {
  const { events, errors = 0, wrong = 0, positive = 0.5, latencyMs = 50 } = traffic
  const messages = Array.from({ length: events }, (_, at) => {
    const isError = at < errors
    const predicted = isError ? undefined : (at % 100) / 100 < positive ? '1' : '0'
    const label = at < errors + wrong ? 'neither' : predicted
    return bench.prediction({
      variant: 'primary',
      predicted,
      label,
      latencyMs: isError ? undefined : latencyMs + (at % 50),
      isError
    })
  })
  await bench.analyst.ingest(messages)
  bench.nowMs += 300_000
}

const shown = (bench: BenchTop) =>
  bench.analyst
    .drift(rollout)
    .map(
      ({ metric, windows, alarms, stability }) =>
        `${metric}: ${alarms} alarms in ${windows} windows${stability === null ? '' : `, ${stability.grade}`}`
    )

t.test('A stable primary raises no alarm; one that drifts does, by metric', async t => {
  const bench = new BenchTop()
  t.same(bench.analyst.drift(rollout), [], 'an unknown rollout')
  await bench.hook('rollout', objectives)
  for (let at = 0; at < 12; at += 1) await window(bench, { events: 1_000, errors: 10, wrong: 50 })
  bench.nowMs += 60_000
  t.same(shown(bench), [
    'accuracy: 0 alarms in 12 windows',
    'error-rate: 0 alarms in 12 windows',
    'predicted: 0 alarms in 9 windows, stable',
    'latency: 0 alarms in 9 windows, stable'
  ])
  const quiet = bench.analyst.drift(rollout)
  t.ok(quiet.every(({ lnEvidence, lnAlarm }) => (lnEvidence ?? 0) < lnAlarm))

  const driftMs = bench.nowMs
  for (let at = 0; at < 4; at += 1) {
    await window(bench, { events: 1_000, errors: 60, wrong: 50, positive: 0.8, latencyMs: 80 })
  }
  bench.nowMs += 60_000
  const drifted = bench.analyst.drift(rollout)
  t.same(
    drifted.map(({ metric, alarms, stability }) => [metric, alarms > 0, stability?.grade]),
    [
      ['accuracy', false, undefined],
      ['error-rate', true, undefined],
      ['predicted', true, 'alarm'],
      ['latency', true, 'alarm']
    ]
  )
  const lines = modelMetrics(bench.analyst, bench.nowMs + 2 * 86_400_000)
    .split('\n')
    .filter(line => line.startsWith('mlgitops_model_'))
  const labels = 'namespace="ml",name="churn",model="churn",commit=""'
  t.ok(
    lines.includes(`mlgitops_model_drift_alarms{${labels},metric="accuracy"} 0`),
    'also two days later'
  )
  t.match(
    lines.filter(line => line.includes('drift_stability')),
    [/metric="predicted"} 0\.[2-9]/, /metric="latency"} [1-9]/]
  )
  t.equal(lines.filter(line => line.includes('_drift_alarm_ln')).length, 4)
  t.ok(drifted.every(({ lastAlarmMs }) => lastAlarmMs === null || lastAlarmMs > driftMs))
})

t.test('Scores of the last hours are those of the primary, by mature windows', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', objectives)
  for (let at = 0; at < 14; at += 1) await window(bench, { events: 100, errors: 10 })
  for (let at = 0; at < 12; at += 1) await window(bench, { events: 100, errors: 20, wrong: 5 })
  bench.nowMs += 60_000
  const lines = (nowMs: number) =>
    modelMetrics(bench.analyst, nowMs)
      .split('\n')
      .filter(line => line.includes('window='))
      .map(line => line.replace(/\{.*,variant=/, '{variant='))
  t.same(lines(bench.nowMs), [
    'mlgitops_model_accuracy{variant="primary",window="1h"} 0.9375',
    'mlgitops_model_accuracy{variant="primary",window="6h"} 0.972972972972973',
    'mlgitops_model_error_rate{variant="primary",window="1h"} 0.2',
    'mlgitops_model_error_rate{variant="primary",window="6h"} 0.14615384615384616'
  ])
  const before = lines(bench.nowMs)
  bench.restart()
  t.same(lines(bench.nowMs), before, 'after a restart')
  t.equal(lines(bench.nowMs + 5 * 3_600_000).length, 2, 'an hour without events has no score')
})

t.test('Drift survives a restart and starts anew with a promotion', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', objectives)
  for (let at = 0; at < 5; at += 1) await window(bench, { events: 1_000 })
  bench.nowMs += 60_000
  const before = bench.analyst.drift(rollout)
  bench.restart()
  t.same(bench.analyst.drift(rollout), before)
  t.equal(before[1]?.windows, 5)

  await bench.hook('post-rollout', {}, { phase: 'Succeeded' })
  t.same(shown(bench), [
    'accuracy: 0 alarms in 0 windows',
    'error-rate: 0 alarms in 0 windows',
    'predicted: 0 alarms in 0 windows',
    'latency: 0 alarms in 0 windows'
  ])
  await window(bench, { events: 1_000 })
  bench.nowMs += 60_000
  t.equal(bench.analyst.drift(rollout)[1]?.windows, 1, 'events after the end of the run count')
  t.ok(bench.nowMs > startMs)
})

t.test('Events of the canary and of the previous primary are not drift', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', objectives)
  await bench.send('canary', { events: 500, bad: 500 })
  bench.nowMs += 600_000
  t.ok(bench.analyst.drift(rollout).every(({ windows }) => windows === 0))
})

t.test('Events that arrive more than an hour late open no windows', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', objectives)
  const late = (agoMs: number, events: number) =>
    bench.analyst.ingest(
      Array.from({ length: events }, (_, at) =>
        bench.prediction({
          variant: 'primary',
          timeMs: bench.nowMs - agoMs - (at % 7) * 86_400_000
        })
      )
    )
  await late(3_600_001, 2_000)
  await late(3_600_001, 2_000)
  t.same(
    bench.analyst.drift(rollout).map(({ windows }) => windows),
    [0, 0, 0, 0]
  )
  for (let at = 0; at < 2; at += 1) await window(bench, { events: 2_000 })
  t.equal(bench.analyst.drift(rollout)[2]?.windows, 1, 'the reference is the first events in time')
})
