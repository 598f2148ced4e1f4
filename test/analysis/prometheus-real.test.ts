import t from 'tap'
import { eventually } from '../eventually.ts'
import { endAnalysis, startAnalysis } from './analysis-process.ts'
import { hook, json, post } from './analysis-requests.ts'
import { Exporter } from './exporter.ts'
import { prometheusBinary, startPrometheus } from './prometheus-process.ts'

const edges = ['0.05', '0.1', '0.25', '1.0']
const canary = 'namespace="ml",pod="churn-5d4f-x2x"'
const primary = 'namespace="ml",pod="churn-primary-77aa-qqq"'

const skip = prometheusBinary === undefined ? 'prometheus is not installed' : false

t.test(
  'A real Prometheus: deltas of raw counters, a restarted pod and a new pod',
  { skip },
  async t => {
    const exporter = new Exporter()
    const target = await exporter.listen()
    const send = (labels: string, { good = 0, slow = 0, errors = 0 }) => {
      exporter.add(`http_requests_total{${labels},code="200"}`, good + slow)
      exporter.add(`http_requests_total{${labels},code="500"}`, errors)
      const latencies = [...Array<number>(good).fill(0.03), ...Array<number>(slow).fill(0.2)]
      exporter.observe('http_request_duration_seconds', labels, edges, latencies)
    }
    send(primary, { good: 100_000, slow: 500, errors: 900 })
    const prometheus = await startPrometheus(prometheusBinary ?? '', target)
    const analysis = await startAnalysis([])
    t.teardown(async () => {
      exporter.close()
      await prometheus.end()
      await endAnalysis(analysis, 'SIGKILL')
    })
    const objectives = {
      source: 'prometheus',
      'prometheus.address': prometheus.url,
      'prometheus.requests': 'http_requests_total',
      'prometheus.errors': 'http_requests_total{code=~"5.."}',
      'prometheus.latency': 'http_request_duration_seconds_bucket',
      'prometheus.lag': '2s',
      'error-rate.max': '0.05',
      'error-rate.versus': 'primary',
      'latency.p90.max': '100ms',
      'latency.p95.max': '120ms',
      block: '1s'
    }
    const ask = () => post(`${analysis.url}/webhook/rollout`, hook(objectives), json)
    const events = async () => {
      const response = await fetch(`${analysis.url}/v1/verdict?namespace=ml&name=churn`)
      const body = (await response.json()) as {
        objectives: {
          metric: string
          versus?: string
          events: number
          bad: number
          verdict: string
        }[]
      }
      return body.objectives.map(
        ({ metric, versus, events: n, bad }) => `${metric}${versus ?? ''} ${bad}/${n}`
      )
    }
    await prometheus.scrapes(3)
    t.same(await ask(), { status: 200, body: 'no-data: no data yet' })
    await prometheus.scrapes(2)
    // The canary's pod is new: all that it counted came since the start.
    send(canary, { good: 400, slow: 100, errors: 10 })
    send(primary, { good: 2_000, slow: 20, errors: 20 })
    await prometheus.scrapes(3)
    // The canary's pod restarts at 0: its counts are new.
    for (const series of exporter.counters.keys()) {
      if (series.includes('churn-5d4f')) exporter.counters.set(series, 0)
    }
    send(canary, { good: 40, slow: 10, errors: 1 })
    send(primary, { good: 2_000, slow: 20, errors: 20 })
    const expected = [
      'error-rate 11/561',
      'error-rateprimary 11/561',
      'latency.p90 110/550',
      // No edge at 120 ms: FAIL counts what is above 250 ms.
      'latency.p95 0/550'
    ]
    await eventually(async () => {
      await prometheus.scrapes(1)
      await ask()
      return JSON.stringify(await events()) === JSON.stringify(expected)
    })
    const { status, body } = await ask()
    t.equal(status, 412)
    t.match(
      body,
      /^fail: share of requests slower than 100 ms at least 0\.1\d+; limit 0\.1, margin 0\.02; estimate 0\.2 of 550 requests$/
    )

    await prometheus.end()
    const down = await post(
      `${analysis.url}/webhook/rollout`,
      hook({ ...objectives, 'latency.p90.max': '110ms' }),
      json
    )
    t.equal(down.status, 424)
    t.match(down.body, /^the source is down: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)$/)
  }
)
