import { readFileSync } from 'node:fs'
import t from 'tap'
import { after, counter, errorRate, pods, start } from './prometheus-harness.ts'
import type { PrometheusHarness } from './prometheus-harness.ts'

t.test('A histogram is exact on an edge and bracketed between two, in every spelling', async t => {
  const { prometheus, bench } = await start(t)
  const bucket = (le: string, events: number) =>
    counter('latency_bucket', pods.canary, [0, events, events * 2], { le })
  prometheus.series = [
    bucket('+Inf', 1_000),
    bucket('1e-01', 940),
    bucket('0.25', 985),
    bucket('0.050', 500),
    bucket('1.0', 1_000)
  ]
  const metadata = {
    source: 'prometheus',
    'prometheus.latency': 'latency_bucket',
    'latency.p90.max': '100ms',
    'latency.p95.max': '200ms',
    'latency.p99.max': '2s'
  }
  await bench.hook('rollout', metadata)
  await after(bench, 1, metadata)
  t.equal(
    await after(bench, 2, metadata),
    '200 inconclusive: share of requests slower than 200 ms between 0.00668 and 0.0762; limit 0.05 + margin 0.02; estimate 0.015 of 2000 requests; evidence 0 % of the way to FAIL, 0 % to PASS; ' +
      'the histogram has no edge at 200 ms: FAIL counts what is above 250 ms, PASS what is above 100 ms'
  )
})

t.test('Quality from counters of labelled predictions, compared with the primary', async t => {
  const { prometheus, bench } = await start(t)
  const counts = (name: string, canary: number, primary: number) => [
    counter(name, pods.canary, [0, canary, canary * 2, canary * 3]),
    counter(name, pods.primary, [1_000, 1_000 + primary, 1_000 + primary * 2, 1_000 + primary * 3])
  ]
  prometheus.series = [
    ...counts('tp', 300, 1_880),
    ...counts('fp', 100, 120),
    ...counts('fn', 10, 40)
  ]
  const metadata = {
    source: 'prometheus',
    'prometheus.true-positives': 'tp',
    'prometheus.false-positives': 'fp',
    'prometheus.false-negatives': 'fn',
    'precision.min': '0.5',
    'precision.versus': 'primary',
    'recall.min': '0.5'
  }
  await bench.hook('rollout', metadata)
  for (const minute of [1, 2, 3]) await after(bench, minute, metadata)
  t.same(bench.verdicts(), [
    'precision: pass, 300 of 1200',
    'precision versus primary: fail, 300 of 1200',
    'recall: pass, 30 of 930'
  ])
})

t.test(
  'A response that is not a vector of counts means that the source is down, never a verdict',
  async t => {
    const { prometheus, bench, url } = await start(t)
    const host = new URL(url).host
    const vector = (result: unknown) =>
      JSON.stringify({ status: 'success', data: { resultType: 'vector', result } })
    const one = (value: unknown, metric: unknown = { __name__: 'requests_total' }) =>
      vector([{ metric, value: [1_795_521_660, value] }])
    const answers: readonly (readonly [string, number, string])[] = [
      ['<html>', 200, 'its response is not a JSON object'],
      ['[]', 200, 'its response is not a JSON object'],
      [
        `{"data":[${'{},'.repeat(500_000)}{}]}`,
        200,
        'its response has more than 500000 arrays and objects'
      ],
      [one(12), 200, 'a value is not a pair of a number and a string'],
      [
        one('1.5'),
        200,
        'a value of [["__name__","requests_total"]] is "1.5", which is not a count'
      ],
      [one('-1'), 200, 'a value of [["__name__","requests_total"]] is "-1", which is not a count'],
      [
        one('1e300'),
        200,
        'a value of [["__name__","requests_total"]] is "1e300", which is not a count'
      ],
      [
        one('+Inf'),
        200,
        'a value of [["__name__","requests_total"]] is "+Inf", which is not a count'
      ],
      [one('1', { le: 'much' }), 200, 'an edge (le) is not a number'],
      [one('1', { pod: 1 }), 200, 'a label is not a string, or the labels are too long'],
      [one('1', null), 200, 'a series has no labels'],
      [vector({}), 200, 'its response is not a vector'],
      [
        vector([1, 1].map(() => ({ metric: { pod: 'a' }, value: [1, '1'] }))),
        200,
        'the series [["pod","a"]] is duplicated'
      ],
      [
        '{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}',
        200,
        'its response is not a vector'
      ],
      [
        '{"status":"error","errorType":"bad_data","error":"invalid parameter \\"query\\""}',
        400,
        'with 400: it responded with bad_data: invalid parameter "query"'
      ],
      ['Internal Server Error', 500, 'with 500: its response is not a JSON object']
    ]
    for (const [body, status, reason] of answers) {
      prometheus.misbehave = response => {
        response.statusCode = status
        response.end(body)
      }
      const said = reason.startsWith('with') ? ` ${reason}` : `: ${reason}`
      t.equal(
        await bench.hook('rollout', errorRate),
        `424 the source is down: Prometheus at ${host}${said}`
      )
    }
    t.equal((await bench.hook('rollback', errorRate)).slice(0, 26), '404 the source is down: Pr')
    t.equal(
      (await bench.hook('rollout', { ...errorRate, 'on-error': 'pass' })).slice(0, 26),
      '200 the source is down: Pr'
    )
    t.same(bench.verdicts().slice(0, 1), ['error-rate: no-data, 0 of 0'])
  }
)

t.test(
  'A Prometheus that hangs, redirects, floods or closes is down; its counts are caught up later',
  async t => {
    const { prometheus, bench, url } = await start(t)
    const host = new URL(url).host
    const metadata = { ...errorRate, 'prometheus.timeout': '60s' }
    prometheus.series = [
      counter('requests_total', pods.canary, [0, 100, 200, 300, 400], { code: '200' }),
      counter('requests_total', pods.canary, [0, 1, 2, 3, 4], { code: '500' })
    ]
    await bench.hook('rollout', metadata)
    await after(bench, 1, metadata)
    t.same(bench.verdicts(), ['error-rate: inconclusive, 1 of 101'])
    const down = async (misbehave: PrometheusHarness['misbehave']) => {
      prometheus.misbehave = misbehave
      return await after(bench, 2, metadata)
    }
    const said = `424 the source is down: ${host}`
    prometheus.misbehave = () => undefined
    t.equal(
      await after(bench, 2, { ...errorRate, 'prometheus.timeout': '300ms' }),
      `${said} did not respond in time`
    )
    t.equal(
      await down(response =>
        response.writeHead(307, { location: 'http://169.254.169.254/' }).end()
      ),
      `${said} redirects (307); redirects are not followed`
    )
    t.equal(
      await down(response => {
        const chunk = Buffer.alloc(1024 * 1024, ' ')
        const more = () => {
          while (!response.destroyed && response.write(chunk));
        }
        response.on('drain', more)
        more()
      }),
      `${said} sent more than 16777216 bytes`
    )
    t.match(await down(response => response.destroy()), new RegExp(`^${said} cannot be reached`))
    prometheus.misbehave = undefined
    await after(bench, 4, metadata)
    t.equal(bench.verdicts()[0], 'error-rate: pass, 4 of 404', 'nothing is lost or counted twice')
  }
)

t.test('No series and NaN are no data', async t => {
  const { prometheus, bench } = await start(t)
  prometheus.series = [counter('requests_total', pods.canary, ['NaN', 'NaN', 'NaN'])]
  await bench.hook('rollout', errorRate)
  t.equal(await after(bench, 2, errorRate), '200 no-data: no data yet')
  prometheus.series = [
    counter('requests_total', pods.canary, [0, 0, 0, 5]),
    counter('process_start_time_seconds', pods.canary, ['NaN', '-1', '-1', '1e400'])
  ]
  t.match(
    await after(bench, 3, errorRate),
    /^424 the source is down: Prometheus at \S+: a value of .* is "1e400", which is not a number$/
  )
})

t.test('Captured responses of a real Prometheus are read', async t => {
  const { prometheus, bench } = await start(t)
  const capture = readFileSync(
    new URL('./captures/prometheus-mlserver-buckets.json', import.meta.url),
    'utf8'
  )
  prometheus.misbehave = response => response.end(capture)
  const metadata = {
    source: 'prometheus',
    'prometheus.preset': 'mlserver',
    'latency.p99.max': '250ms'
  }
  t.equal(await bench.hook('rollout', metadata), '200 no-data: no data yet')
  t.ok(
    prometheus.asked[0]?.endsWith(
      '{__name__="rest_server_request_duration_seconds_bucket",path=~".*/infer",namespace="ml",pod=~"churn-primary-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"}'
    ),
    String(prometheus.asked[0])
  )
})

t.test('Only the token of an address is sent to it', async t => {
  const { prometheus, bench } = await start(t, 's3cret')
  await bench.hook('rollout', errorRate)
  t.same([...new Set(prometheus.headers)], ['Bearer s3cret'])
})
