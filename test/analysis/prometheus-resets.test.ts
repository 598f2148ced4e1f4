import t from 'tap'
import { after, counter, errorRate, pods, start } from './prometheus-harness.ts'

t.test(
  'Deltas per series: a new series counts whole, a vanished one nothing, a reset from 0',
  async t => {
    const { prometheus, bench } = await start(t)
    const { canary } = pods
    prometheus.series = [
      counter('requests_total', canary, [100, 300, 20, 20], { code: '200' }),
      counter('requests_total', canary, [undefined, 4, 5, 6], { code: '500' }),
      counter('requests_total', `${canary}2`, [undefined, 50, undefined, 70], { code: '200' })
    ]
    t.equal(await bench.hook('rollout', errorRate), '200 no-data: no data yet')
    await after(bench, 1, errorRate)
    t.same(bench.verdicts(), ['error-rate: inconclusive, 4 of 254'])
    await after(bench, 2, errorRate)
    t.same(bench.verdicts(), ['error-rate: pass, 5 of 275'])
    bench.restart()
    await after(bench, 3, errorRate)
    t.same(
      bench.verdicts(),
      ['error-rate: pass, 6 of 296'],
      'what vanished and came back counts on'
    )
    const asked = prometheus.asked.length
    await after(bench, 3, errorRate)
    t.same(bench.verdicts(), ['error-rate: pass, 6 of 296'], 'a retry counts nothing twice')
    t.ok(prometheus.asked.length > asked)
    t.same(
      prometheus.asked
        .filter(query => query.includes('canary') || !query.includes('primary'))
        .slice(-1),
      [
        '1795521780.000 {__name__="process_start_time_seconds",namespace="ml",pod=~"churn-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"}'
      ]
    )
  }
)

t.test('The samples of a window show a restart within it', async t => {
  const { prometheus, bench } = await start(t)
  const metadata = { ...errorRate, block: '2m' }
  prometheus.series = [
    counter('requests_total', pods.canary, [0, 100, 150, 20, 200, 260], { code: '200' }),
    counter('requests_total', pods.canary, [0, 1, 2, 0, 3, 5], { code: '500' })
  ]
  await bench.hook('rollout', metadata)
  for (const minute of [2, 4]) await after(bench, minute, metadata)
  t.same(bench.verdicts(), ['error-rate: pass, 5 of 355'])
  t.ok(
    prometheus.asked.includes(
      '1795521840.000 {__name__="requests_total",code="500",namespace="ml",pod=~"churn-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"}[120000ms]'
    ),
    prometheus.asked.join('\n')
  )
})

t.test('A restarted process counts from 0, however fast its counters grow', async t => {
  const { prometheus, bench } = await start(t)
  const more = { code: '500', job: 'pods', instance: '10.0.0.7:8080' }
  prometheus.series = [
    counter('requests_total', pods.canary, [10, 13, 20], more),
    counter('requests_total', pods.canary, [10, 13, 20], { ...more, instance: '10.0.0.8:8080' }),
    counter(
      'process_start_time_seconds',
      pods.canary,
      [1795521000.25, 1795521600.5, 1795521600.61],
      {
        job: 'pods',
        instance: '10.0.0.7:8080'
      }
    )
  ]
  await bench.hook('rollout', errorRate)
  await after(bench, 1, errorRate)
  t.same(bench.verdicts(), ['error-rate: inconclusive, 16 of 16'], '13 and 3')
  bench.restart()
  await after(bench, 2, errorRate)
  t.same(bench.verdicts(), ['error-rate: fail, 30 of 30'], '7 and 7')
})

t.test('A long gap is read in parts', async t => {
  const { prometheus, bench } = await start(t)
  const growing = Array.from({ length: 56 }, (_, minute) => minute * 10)
  prometheus.series = [counter('requests_total', pods.canary, growing, { code: '200' })]
  await bench.hook('rollout', errorRate)
  await after(bench, 1, errorRate)
  const asked = prometheus.asked.length
  await after(bench, 55, errorRate)
  t.same(bench.verdicts(), ['error-rate: pass, 0 of 550'])
  const parts = prometheus.asked
    .slice(asked)
    .flatMap(query => /\[(\d+)ms\]$/.exec(query)?.[1] ?? [])
  t.same([...new Set(parts)], ['300000', '60000'])
})

t.test('Errors that start in both arms in the same minute are not a difference', async t => {
  const { prometheus, bench } = await start(t)
  const of = (pod: string, code: string, counts: readonly (number | undefined)[]) =>
    counter('requests_total', pod, counts, { code })
  prometheus.series = [
    of(pods.canary, '200', [0, 500, 1_000, 1_500]),
    of(pods.primary, '200', [9_000, 9_500, 10_000, 10_500]),
    // A client makes a series of a label with the first event that has it.
    ...[pods.canary, pods.primary].map(pod => of(pod, '500', [undefined, undefined, 400, 401]))
  ]
  const metadata = { ...errorRate, 'error-rate.max': '0.9', 'error-rate.versus': 'primary' }
  await bench.hook('rollout', metadata)
  for (const minute of [1, 2, 3]) await after(bench, minute, metadata)
  const view = bench.analyst.view({ namespace: 'ml', name: 'churn' })
  const [analysis] = view.kind === 'judged' ? view.judged.run.analyses : []
  const counted = (['canary', 'primary'] as const).map(variant =>
    analysis?.state.totals('error', variant, bench.nowMs)
  )
  t.same(counted, [
    { events: 1_901, bad: 401 },
    { events: 1_901, bad: 401 }
  ])
})

t.test('A histogram with a missing bucket is skipped until it is complete', async t => {
  const { prometheus, bench } = await start(t)
  const bucket = (le: string, counts: readonly (number | string | undefined)[]) =>
    counter('latency_bucket', pods.canary, counts, { le })
  prometheus.series = [
    bucket('0.1', [0, 100, 200, 300, 10]),
    bucket('0.5', [undefined, undefined, undefined, 301, 11]),
    bucket('+Inf', [0, 'NaN', 201, 301, 11])
  ]
  const metadata = {
    source: 'prometheus',
    'prometheus.latency': 'latency_bucket',
    'latency.p90.max': '100ms'
  }
  await bench.hook('rollout', metadata)
  const counted: unknown[] = []
  for (const minute of [1, 2, 3, 4]) {
    await after(bench, minute, metadata)
    counted.push(bench.verdicts()[0])
  }
  t.same(counted, [
    'latency.p90: no-data, 0 of 0',
    'latency.p90: inconclusive, 1 of 201',
    'latency.p90: inconclusive, 1 of 201',
    'latency.p90: inconclusive, 2 of 212'
  ])
})

t.test('Counts that were read for a run that ended meanwhile are dropped', async t => {
  const { prometheus, bench } = await start(t)
  const series = [
    counter('requests_total', pods.canary, [0, 100, 200], { code: '200' }),
    counter('requests_total', pods.canary, [0, 1, 2], { code: '500' })
  ]
  prometheus.series = series
  await bench.hook('rollout', errorRate)
  await after(bench, 1, errorRate)
  prometheus.series = series.map(({ metric, at }) => ({
    metric,
    at: ms => {
      void bench.hook('post-rollout', {}, { phase: 'Succeeded' })
      return at(ms)
    }
  }))
  await after(bench, 2, errorRate)
  t.same(bench.verdicts(), ['error-rate: inconclusive, 1 of 101'])
})
