import { Registry } from 'prom-client'
import t from 'tap'
import { modelMetrics } from '../../analysis/metrics/model-metrics.ts'
import { silentAnalysisObserver } from '../../analysis/observer.ts'
import { workMetrics } from '../../analysis/metrics/work-metrics.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import { BenchTop, rollout } from './bench-top.ts'

const metadata = {
  'precision.min': '0.92',
  'latency.p99.versus': 'primary',
  maturity: '0s',
  model: 'churn"v2"',
  commit: '4e88b67'
}

/** A bench top with its metrics, as lines without help. */
function observed() {
  const registry = new Registry()
  const store = openSqliteStore(':memory:')
  const observer = { ...silentAnalysisObserver, ...workMetrics(registry, store) }
  const bench = new BenchTop({ store, observer })
  const lines = async (like: RegExp) => {
    const text = (await registry.metrics()) + modelMetrics(bench.analyst, bench.nowMs)
    return text.split('\n').filter(line => !line.startsWith('#') && like.test(line))
  }
  return { bench, lines }
}

t.test('Scores, evidence and the verdict by model and commit', async t => {
  const { bench, lines } = observed()
  await bench.hook('rollout', metadata)
  t.same(await lines(/^mlgitops_model_(precision|evidence_ln)/), [])
  await bench.send('canary', { events: 300, bad: 90 })
  bench.nowMs += 60_000
  await bench.send('canary', { events: 100, bad: 30 })
  const labels = 'namespace="ml",name="churn",model="churn\\"v2\\"",commit="4e88b67"'
  t.same(await lines(/^mlgitops_model_(precision|recall|error)/), [
    `mlgitops_model_precision{${labels},variant="canary"} 0.7`,
    `mlgitops_model_error_rate{${labels},variant="canary"} 0`
  ])
  t.match(
    await lines(/^mlgitops_model_predict_latency_ms/),
    [0.5, 0.9, 0.95, 0.99].map(
      quantile =>
        `mlgitops_model_predict_latency_ms{${labels},variant="canary",quantile="${quantile}"} 49.`
    )
  )
  t.match(await lines(/^mlgitops_model_evidence_ln/), [
    `mlgitops_model_evidence_ln{${labels},metric="precision",versus="",boundary="fail"} 77.88`,
    `mlgitops_model_evidence_ln{${labels},metric="precision",versus="",boundary="pass"} -10.96`
  ])
  t.match(await lines(/^mlgitops_model_evidence_boundary_ln.*p99.*fail/), [
    `mlgitops_model_evidence_boundary_ln{${labels},metric="latency.p99",versus="primary",boundary="fail"} 5.318`
  ])
  t.same(await lines(/^mlgitops_model_verdict.* 1$/), [
    `mlgitops_model_verdict{${labels},verdict="fail"} 1`
  ])
})

t.test('Events by result, hooks by type and status, and the size of the store', async t => {
  const { bench, lines } = observed()
  await bench.hook('rollout', metadata)
  await bench.status('rollback')
  const { id } = bench.prediction()
  const whole = bench.prediction({ id, label: '1' })
  const feedback = (of: string, label: string) =>
    ({ kind: 'feedback', rollout, id: of, timeMs: bench.nowMs, label }) as const
  await bench.analyst.ingest([whole, whole, feedback(id, '0'), feedback('later', '1')])
  t.same(await lines(/^mlgitops_analysis_events_orphaned/), ['mlgitops_analysis_events_orphaned 1'])
  await bench.analyst.ingest([
    bench.prediction({ id: 'later' }),
    bench.prediction({ timeMs: bench.nowMs - 1 }),
    bench.prediction({ rollout: { namespace: 'ml', name: 'other' } })
  ])
  t.same(await lines(/^mlgitops_analysis_events_(total|orphaned)/), [
    'mlgitops_analysis_events_total{result="counted"} 2',
    'mlgitops_analysis_events_total{result="kept"} 1',
    'mlgitops_analysis_events_total{result="late"} 0',
    'mlgitops_analysis_events_total{result="duplicate"} 1',
    'mlgitops_analysis_events_total{result="correction"} 1',
    'mlgitops_analysis_events_total{result="before-run"} 1',
    'mlgitops_analysis_events_total{result="orphaned"} 1',
    'mlgitops_analysis_events_orphaned 0'
  ])
  t.same(await lines(/^mlgitops_analysis_hooks/), [
    'mlgitops_analysis_hooks_total{type="rollout",status="200"} 1',
    'mlgitops_analysis_hooks_total{type="rollback",status="404"} 1'
  ])
  t.match(await lines(/^mlgitops_analysis_store_bytes [1-9]/), { length: 1 })
})

t.test(
  'At most 1,000 rollouts have model metrics, and none without a hook in the last day',
  async t => {
    const { bench, lines } = observed()
    for (let index = 0; index < 1_003; index += 1) {
      const named = { namespace: 'ml', name: `churn-${index}` }
      await bench.hook('rollout', { 'error-rate.max': '0.01' }, { rollout: named })
      bench.nowMs += 1
    }
    t.same(await lines(/^mlgitops_analysis_rollouts/), [
      'mlgitops_analysis_rollouts{state="known"} 1003',
      'mlgitops_analysis_rollouts{state="shown"} 1000'
    ])
    t.match(await lines(/^mlgitops_model_verdict.*name="churn-[0-3]".* 1$/), [/churn-3/])
    bench.nowMs += 86_400_000
    t.same(await lines(/^mlgitops_(analysis_rollouts|model_verdict)/), [
      'mlgitops_analysis_rollouts{state="known"} 1003',
      'mlgitops_analysis_rollouts{state="shown"} 0'
    ])
  }
)

t.test('Series of the primary have the commit that was promoted last', async t => {
  const { bench, lines } = observed()
  const precisions = async () => {
    await bench.send('primary', { events: 10 })
    await bench.send('canary', { events: 10 })
    const found = await lines(/^mlgitops_model_precision/)
    return found.map(line => /commit="(.*?)",variant="(.*?)"/.exec(line)?.slice(1, 3).join(' '))
  }
  const roll = (checksum: string, phase = 'Progressing') =>
    bench.hook(
      phase === 'Progressing' ? 'rollout' : 'post-rollout',
      phase === 'Progressing' ? { ...metadata, commit: checksum } : {},
      { checksum, phase }
    )
  await roll('one')
  t.same(await precisions(), [' primary', 'one canary'])
  await roll('one', 'Succeeded')
  await roll('two')
  t.same(await precisions(), ['one primary', 'two canary'])
  await roll('two', 'Failed')
  await roll('three')
  t.same(await precisions(), ['one primary', 'three canary'])
})
