import t from 'tap'
import { readAnalysis } from '../../analysis/settings/read-analysis.ts'
import { writeSelector } from '../../analysis/settings/selector.ts'
import { Fault } from '../../common/fault.ts'

const read = (values: Readonly<Record<string, string>>) =>
  readAnalysis(new Map(Object.entries(values)))

function refusal(values: Readonly<Record<string, string>>): string {
  try {
    read(values)
  } catch (error) {
    if (error instanceof Fault) return error.message.replace('the objectives cannot be used: ', '')
    throw error
  }
  return 'not refused'
}

const names = { name: 'churn', namespace: 'ml', target: 'churn-model' }

t.test('Keys of another source and missing keys of a source are reported', t => {
  const limit = { 'error-rate.max': '0.01' }
  t.equal(
    refusal({ ...limit, 'replay.url': 'http://a', 'prometheus.lag': '1s' }),
    'replay.url, prometheus.lag: not used by source: events'
  )
  t.equal(
    refusal({ ...limit, source: 'prometheus', 'replay.url': 'http://a' }),
    'replay.url: not used by source: prometheus; ' +
      'prometheus.requests: error-rate requires a selector, and no preset gives it; ' +
      'prometheus.errors: error-rate requires a selector, and no preset gives it'
  )
  t.equal(
    refusal({ ...limit, source: 'prometheus', 'prometheus.preset': 'kserve' }),
    'prometheus.errors: error-rate requires a selector, and no preset gives it'
  )
  t.equal(
    refusal({ 'latency.p99.max': '1s', source: 'prometheus', 'prometheus.preset': 'knative' }),
    'prometheus.canary: the preset knative does not distinguish canary and primary'
  )
  t.equal(
    refusal({ 'latency.p99.max': '1s', source: 'replay', 'replay.batch': '8' }),
    'replay.url: required by source: replay; replay.dataset: required by source: replay; ' +
      'latency.p99: requires replay.batch: 1, because a batch has no latency per item'
  )
  const replay = { source: 'replay', 'replay.url': 'http://a', 'replay.dataset': 'a.csv' }
  t.equal(
    refusal({ ...replay, 'precision.versus': 'primary', 'accuracy.versus': 'primary' }),
    'precision.versus: a replay compares only accuracy, recall and error-rate with the primary; ' +
      'accuracy.versus: primary requires replay.primary-url'
  )
  t.equal(refusal({ 'recall.versus': 'baseline' }), 'recall.versus: baseline.recall is missing')
  t.equal(
    refusal({ ...limit, 'baseline.precision': '94%' }),
    'baseline.precision: found "94%", expected a ratio between 0 and 1'
  )
  t.end()
})

t.test(
  'An unknown key of a source is refused with the keys of that source, in less than 1 kB',
  t => {
    const unknown = (key: string) => refusal({ 'error-rate.max': '0.01', [key]: 'x' })
    t.match(
      unknown('replay.urll'),
      /^unknown key "replay\.urll" \(did you mean replay\.url\?\); known: .*prometheus\.\*, replay\.url, replay\.primary-url, .*replay\.wait, baseline\.\*; metrics: /
    )
    for (const key of ['replay.urll', 'prometheus.query', 'baseline.f1']) {
      t.ok(unknown(key).length < 950, key)
    }
    t.end()
  }
)

t.test('Selectors are read, joined with matchers and filled in; other PromQL is refused', t => {
  const selectors = (values: Readonly<Record<string, string>>) => {
    const { prometheus } = read({ source: 'prometheus', ...values })
    return [...(prometheus?.selectors ?? [])].map(
      ([counter, selector]) =>
        `${counter}: ${writeSelector(selector, prometheus?.canary ?? [], names)}`
    )
  }
  t.same(selectors({ 'prometheus.preset': 'istio', 'error-rate.max': '0.01' }), [
    'requests: {__name__="istio_requests_total",reporter="destination",destination_workload_namespace="ml",destination_workload="churn-model"}',
    'errors: {__name__="istio_requests_total",reporter="destination",response_code=~"5..",destination_workload_namespace="ml",destination_workload="churn-model"}'
  ])
  t.same(
    selectors({
      'prometheus.latency': ' vllm:e2e_bucket { a = "x,}\\"y" , b!~\'z\' } ',
      'prometheus.canary': '{pod="{{name}}-{{ target }}"}',
      'latency.p50.max': '1s'
    }),
    [`latency: {__name__="vllm:e2e_bucket",a = "x,}\\"y",b!~'z',pod="churn-churn-model"}`]
  )
  for (const text of [
    'rate(requests_total[1m])',
    'sum(requests_total)',
    'requests_total[5m]',
    'a or b',
    '{}',
    '',
    'requests_total{code="500"} or vector(1)',
    'requests_total{code="500}'
  ]) {
    t.match(
      refusal({ source: 'prometheus', 'prometheus.requests': text, 'error-rate.max': '0.1' }),
      /^prometheus\.requests: found .*, expected a series selector, such as/,
      text
    )
  }
  t.end()
})

t.test('A comparison starts at the rate of the baseline or the limit', t => {
  const rates = (values: Readonly<Record<string, string>>) =>
    read({ 'precision.versus': 'primary', ...values }).objectives.map(
      ({ expectedBadRatio }) => expectedBadRatio
    )
  t.same(rates({}), [undefined])
  t.same(rates({ 'precision.min': '0.9' }), [0.1, 0.1])
  t.same(rates({ 'baseline.precision': '0.95' }), [0.05])
  t.end()
})
