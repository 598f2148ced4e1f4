import t from 'tap'
import { startMs } from './bench-top.ts'
import { after, counter, errorRate, pods, start } from './prometheus-harness.ts'

const latency = {
  source: 'prometheus',
  'prometheus.latency': 'seconds_bucket',
  'prometheus.unit': 's',
  'latency.p95.max': '100ms'
}

const bucket = (le: string, counts: readonly (number | undefined)[]) =>
  counter('seconds_bucket', pods.canary, counts, { le })

t.test('Edges that are equal by value are one edge, also while their text changes', async t => {
  const { prometheus, bench } = await start(t)
  const whole = [0, 100, 200, 300, 400]
  prometheus.series = [
    bucket('0.1', [0, 99, 198, undefined, undefined]),
    bucket('0.10', [undefined, undefined, 198, 297, 396]),
    bucket('+Inf', whole)
  ]
  await bench.hook('rollout', latency)
  for (const minute of [1, 2, 3, 4]) await after(bench, minute, latency)
  t.same(bench.verdicts(), ['latency.p95: pass, 4 of 400'])
})

t.test('A window that cannot be used is left behind after three tries, with a note', async t => {
  const { prometheus, bench } = await start(t)
  const requests = [0, 100, 200.5, 300, 400]
  prometheus.series = [
    counter('requests_total', pods.canary, requests, { code: '200' }),
    counter('requests_total', pods.canary, [0, 1, 2, 3, 4], { code: '500' })
  ]
  const metadata = { ...errorRate, 'min-intervals': '1' }
  await bench.hook('rollout', metadata)
  await after(bench, 1, metadata)
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    t.match(await after(bench, 2, metadata), /^424 the source is down: .*"200\.5", which is not a/)
  }
  t.match(await after(bench, 2, metadata), /^200 inconclusive: .*a window was left behind after 3/)
  // The next window starts at the sample that cannot be used.
  prometheus.series = [
    counter('requests_total', pods.canary, [0, 100, 200, 300, 400], { code: '200' }),
    counter('requests_total', pods.canary, [0, 1, 2, 3, 4], { code: '500' })
  ]
  t.match(
    await after(bench, 4, metadata),
    /^200 pass: .*; a window was left behind after 3 tries: a value of .* is "200\.5", which is not a count$/
  )
  t.same(bench.verdicts(), ['error-rate: pass, 4 of 404'], 'its events are in the next window')
})

t.test('A start that cannot be read is left behind after three tries, with a note', async t => {
  const { prometheus, bench } = await start(t)
  prometheus.series = [
    counter('requests_total', pods.canary, [0.5, 100, 200, 300, 400], { code: '200' }),
    counter('requests_total', pods.canary, [0, 1, 2, 3, 4], { code: '500' })
  ]
  const metadata = { ...errorRate, 'min-intervals': '1' }
  t.match(await bench.hook('rollout', metadata), /^424 /)
  for (let attempt = 1; attempt <= 2; attempt += 1)
    t.match(await after(bench, 2, metadata), /^424 /)
  t.match(await after(bench, 2, metadata), /^200 /)
  bench.restart()
  t.match(
    await after(bench, 4, metadata),
    /^200 pass: .*counting started 60 s after the run: a value of .* is "0\.5", which is not a count/
  )
  t.same(bench.verdicts(), ['error-rate: pass, 3 of 303'])
})

t.test('History of the primary that cannot be read is left out', async t => {
  const { prometheus, bench } = await start(t)
  const primary = (code: string, each: string) => ({
    metric: { __name__: 'requests_total', namespace: 'ml', pod: pods.primary, code },
    at: (timeMs: number) => (timeMs < startMs ? each : '100')
  })
  prometheus.series = [
    counter('requests_total', pods.canary, [0, 100, 200], { code: '200' }),
    primary('200', '-1')
  ]
  t.match(await bench.hook('rollout', errorRate), /^200 /)
  t.match(await after(bench, 2, errorRate), /^200 /)
})

t.test('Replicas of Prometheus that are not deduplicated are refused by name', async t => {
  for (const label of ['prometheus_replica', 'replica', '__replica__', 'receive_replica']) {
    const { prometheus, bench } = await start(t)
    const replica = (name: string) =>
      counter('requests_total', pods.canary, [0, 100, 200], { code: '200', [label]: name })
    prometheus.series = [replica('a'), replica('b')]
    await bench.hook('rollout', errorRate)
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      t.match(
        await after(bench, 2, errorRate),
        new RegExp(
          `^424 .*: series differ only in ${label}="a" and ${label}="b", so each event would count twice: deduplicate the replicas, or add one of them to prometheus.canary and prometheus.primary$`
        ),
        'also after three tries'
      )
    }
  }
})

t.test('Series of one replica, and of replicas of the model, are read', async t => {
  const { prometheus, bench } = await start(t)
  const series = (pod: string) =>
    counter('requests_total', pod, [0, 100, 200], { code: '200', prometheus_replica: 'a' })
  prometheus.series = [series(pods.canary), series('churn-5d4f-y3y')]
  await bench.hook('rollout', errorRate)
  await after(bench, 2, errorRate)
  t.same(bench.verdicts(), ['error-rate: pass, 0 of 400'])
})

t.test('A native histogram is named as the reason', async t => {
  const { prometheus, bench } = await start(t)
  const native = JSON.stringify({
    status: 'success',
    data: {
      resultType: 'vector',
      result: [
        {
          metric: { __name__: 'seconds', pod: pods.canary },
          histogram: [1, { count: '3', sum: '1.5', buckets: [[0, '0.1', '0.2', '3']] }]
        }
      ]
    }
  })
  await bench.hook('rollout', latency)
  prometheus.misbehave = response => {
    const query = prometheus.asked.at(-1) ?? ''
    const isBase = /__name__="seconds"|\bseconds\{/.test(query) && !query.includes('_bucket')
    const type = /\[\d+ms\]$/.test(query) ? 'matrix' : 'vector'
    response.end(
      isBase ? native : `{"status":"success","data":{"resultType":"${type}","result":[]}}`
    )
  }
  t.match(
    await after(bench, 2, latency),
    /^424 .* is a native histogram, which is not read: select its classic _bucket series \(always_scrape_classic_histograms: true\)$/
  )
})
