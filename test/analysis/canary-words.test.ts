import { readFileSync } from 'node:fs'
import t from 'tap'
import { noWords, readCanaryWords } from '../../analysis/canary/canary-words.ts'
import { metricWords } from '../../analysis/canary/metric-words.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { createLogger } from '../../service/log.ts'
import { until } from '../service/loopback.ts'
import { analysisObject, prepare } from './cluster-service.ts'

/** As the document writes one that this project implements. */
const success = { name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '30s' }
const latency = { name: 'model-predict-latency-ms', threshold: 100, interval: '30s' }
const precision = { name: 'model-precision', thresholdRange: { min: 0.92 }, interval: '1m' }

function canary(
  metrics: JsonValue,
  { name = 'churn', webhooks = [] }: { name?: string; webhooks?: JsonValue } = {}
): JsonObject {
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name, namespace: 'ml' },
    spec: { analysis: { interval: '1m', threshold: 5, metrics, webhooks } }
  }
}

function read(...metrics: readonly JsonValue[]) {
  const { settings, unjudged, problems } = readCanaryWords(canary(metrics))
  const said = problems.map(({ field, name, problem }) => `${field} ${name}: ${problem}`)
  return { ...Object.fromEntries(settings), ...(unjudged.length > 0 && { unjudged }), said }
}

t.test('the metrics of a Canary become objectives', t => {
  t.same(read(success, latency, precision), {
    'error-rate.max': '0.01',
    'latency.p99.max': '100ms',
    'precision.min': '0.92',
    said: []
  })
  const range = (name: string, thresholdRange: JsonObject) => ({ name, thresholdRange })
  t.same(read({ name: 'request-success-rate', threshold: 99.5 }), {
    'error-rate.max': '0.005',
    said: []
  })
  t.same(read({ name: 'request-duration', threshold: 500 }), {
    'latency.p99.max': '500ms',
    said: []
  })
  t.same(
    read(
      range('model-recall', { min: 0.8 }),
      range('model_accuracy', { min: 0.7, max: 1 }),
      range('model-f1', { min: 0.6 }),
      range('model_error_rate', { max: 0.02 }),
      range('model-predict-latency-ms', { max: 12.5, min: 0 })
    ),
    {
      'recall.min': '0.8',
      'accuracy.min': '0.7',
      'f1.min': '0.6',
      'error-rate.max': '0.02',
      'latency.p99.max': '12.5ms',
      said: []
    }
  )
  t.same(
    read(
      success,
      range('model-error-rate', { max: 0.05 }),
      latency,
      range('request-duration', { max: 80 })
    ),
    { 'error-rate.max': '0.01', 'latency.p99.max': '80ms', said: [] },
    'the stricter of two limits'
  )
  t.same(
    read({ ...precision, threshold: 0.5 }),
    { 'precision.min': '0.92', said: [] },
    'Flagger looks at threshold only without thresholdRange'
  )
  t.same(read(range('model-precision', { min: 0 })), { said: [] }, 'every canary meets it')
  t.end()
})

t.test('what cannot be judged is said', t => {
  const said = (metric: JsonObject) => read(metric).said[0]
  const at = (name: string) => `spec.analysis.metrics[0] ${name}`
  t.equal(
    said({ name: 'model-precision', threshold: 0.92 }),
    `${at('model-precision')}: threshold is a maximum in Flagger; write thresholdRange.min`
  )
  t.equal(said({ name: 'model-recall' }), `${at('model-recall')}: requires thresholdRange.min`)
  t.equal(
    said({ name: 'model-recall', thresholdRange: {} }),
    `${at('model-recall')}: requires thresholdRange.min`
  )
  t.equal(
    said({ name: 'model-precision', thresholdRange: { min: 0.9, max: 0.95 } }),
    `${at('model-precision')}: max cannot be judged, only min`
  )
  t.equal(
    said({ name: 'model-precision', thresholdRange: { min: '0.92' } }),
    `${at('model-precision')}: thresholdRange.min must be a number`
  )
  t.equal(
    said({ name: 'request-success-rate', thresholdRange: { min: 100 } }),
    `${at('request-success-rate')}: min must be below 100: events cannot prove 100`
  )
  t.equal(
    said({ name: 'request-duration', threshold: 0 }),
    `${at('request-duration')}: max must be above 0: events cannot prove 0`
  )
  t.same(read({ name: 'conversion', threshold: 3 }), { unjudged: ['conversion'], said: [] })
  t.same(readCanaryWords(undefined), noWords)
  t.same(readCanaryWords({ spec: { analysis: null } }), noWords)
  t.same(
    readCanaryWords({ spec: { canaryAnalysis: { metrics: [precision] } } }).settings,
    new Map([['precision.min', '0.92']]),
    "Flagger's deprecated name"
  )
  t.end()
})

t.test('a hook without metadata is judged by the metrics of its Canary', async t => {
  const { server, objectives, service } = await prepare(t)
  server.put('canaries', canary([success, latency, precision]))
  await service.start({ objectives })
  await until(() => Object.values(objectives.checks).every(check => check() === undefined))
  t.same(await service.hook('canary'), { status: 200, body: 'no-data: no data yet' })
  await service.send('canary', { events: 300, bad: 150 })
  service.nowMs += 600_000
  await service.send('canary', { events: 1 })
  const failed = await service.hook('rollout')
  t.equal(failed.status, 412)
  t.match(failed.body, /^fail: precision /)
  const { objectives: judged } = (await (
    await fetch(`${service.url}/v1/verdict?namespace=ml&name=churn`)
  ).json()) as { readonly objectives: readonly { readonly metric: string }[] }
  t.same(
    judged.map(({ metric }) => metric),
    ['precision', 'error-rate', 'latency.p99']
  )
})

t.test('a ModelAnalysis and metadata win', async t => {
  const { server, objectives, service } = await prepare(t)
  const hook = { name: 'judge', url: 'http://a/webhook/rollout', metadata: { 'recall.min': '0.5' } }
  server.put('canaries', canary([precision, latency]))
  server.put('canaries', canary([precision], { name: 'declared' }))
  server.put('modelanalyses', analysisObject({ recall: { min: 0.7 } }, 'declared'))
  server.put('canaries', canary([precision], { name: 'hooked', webhooks: [hook] }))
  await service.start({ objectives })
  await until(() => Object.values(objectives.checks).every(check => check() === undefined))
  const judged = async (name: string, metadata = {}) => {
    await service.hook('rollout', metadata, { name })
    const url = `${service.url}/rollouts/ml/${name}`
    const report = await fetch(url, { headers: { accept: 'application/json' } })
    const { analyses } = (await report.json()) as {
      readonly analyses: readonly { readonly objectives: readonly { readonly metric: string }[] }[]
    }
    return analyses.map(({ objectives: all }) => all.map(({ metric }) => metric).join())
  }
  t.same(await judged('churn', { 'accuracy.min': '0.5' }), ['accuracy'])
  t.same(await judged('declared'), ['recall'])
  t.equal(
    (await service.hook('pre-rollout', {}, { name: 'hooked' })).status,
    404,
    'another hook of it names objectives'
  )
  t.same(await judged('hooked', { 'recall.min': '0.5' }), ['recall'])
})

t.test('metadata that names no objective refines those of the Canary', async t => {
  const { server, objectives, service } = await prepare(t)
  server.put('canaries', canary([precision]))
  await service.start({ objectives })
  await until(() => Object.values(objectives.checks).every(check => check() === undefined))
  const refined = { 'precision.margin': '0.05', maturity: '0s', block: '1s', 'min-intervals': '0' }
  t.equal((await service.hook('rollout', refined)).status, 200)
  await service.send('canary', { events: 200 })
  service.nowMs += 5_000
  t.match(await service.hook('confirm-promotion', refined), { status: 200, body: /^pass: / })
})

t.test('metrics that nothing judges are in the answers, on the page and in the log', async t => {
  const lines: string[] = []
  const logger = createLogger({ level: 'warn', write: line => lines.push(line), now: () => 0 })
  const { server, objectives, service } = await prepare(t, { logger })
  const conversion = { name: 'conversion', threshold: 3 }
  server.put('canaries', canary([conversion, precision]))
  server.put('canaries', canary([conversion], { name: 'foreign' }))
  server.put('canaries', canary([{ name: 'model-precision', threshold: 1 }], { name: 'wrong' }))
  await service.start({ objectives })
  await until(() => Object.values(objectives.checks).every(check => check() === undefined))
  const unjudged = 'not judged here: the Canary\'s metric "conversion"'
  for (const type of ['rollout', 'confirm-traffic-increase']) {
    t.same(await service.hook(type), {
      status: 200,
      body: `no-data: no data yet; ${unjudged}`
    })
  }
  t.match(await (await fetch(`${service.url}/rollouts/ml/churn`)).text(), 'conversion')
  t.match(await (await fetch(`${service.url}/v1/verdict?namespace=ml&name=churn`)).json(), {
    unjudged: ['conversion']
  })
  t.same(await service.hook('rollout', {}, { name: 'foreign' }), {
    status: 404,
    body: `the canary ml/foreign is unknown: none of its hooks named objectives, and there is no ModelAnalysis with its name; ${unjudged}; known: request-success-rate, request-duration, model-precision, model-recall, model-accuracy, model-f1, model-error-rate, model-predict-latency-ms`
  })
  t.same(await service.hook('rollout', {}, { name: 'wrong' }), {
    status: 400,
    body: 'the metrics of the Canary cannot be used: spec.analysis.metrics[0] (model-precision): threshold is a maximum in Flagger; write thresholdRange.min'
  })
  t.same(
    lines.map(line => JSON.parse(line) as JsonObject),
    [
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'warn',
        message: 'metrics of a Canary are not judged here',
        where: 'canary ml/churn',
        metrics: 'conversion'
      },
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'warn',
        message: 'metrics of a Canary are not judged here',
        where: 'canary ml/foreign',
        metrics: 'conversion'
      },
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'error',
        message: 'cannot use a metric of a Canary; refusing its hooks',
        where: 'canary ml/wrong: spec.analysis.metrics[0]',
        error: 'threshold is a maximum in Flagger; write thresholdRange.min'
      }
    ],
    'once for each version of a Canary'
  )
})

t.test('changed metrics of a Canary are taken over while a run is in progress', async t => {
  const { server, objectives, service } = await prepare(t)
  server.put('canaries', canary([precision]))
  await service.start({ objectives })
  await until(() => Object.values(objectives.checks).every(check => check() === undefined))
  await service.hook('rollout')
  server.put('canaries', canary([{ name: 'model-recall', thresholdRange: { min: 0.6 } }]))
  const churn = { namespace: 'ml', name: 'churn' }
  await until(() => objectives.words(churn).settings.has('recall.min'))
  await service.hook('rollout')
  await service.send('canary', { events: 1 })
  const verdict = await fetch(`${service.url}/v1/verdict?namespace=ml&name=churn`)
  t.match(await verdict.json(), { objectives: [{ metric: 'recall' }] })
})

t.test('while the Canaries are not read, a hook that may need them is refused', async t => {
  const { server, objectives, service } = await prepare(t)
  server.put('canaries', canary([precision]))
  let isAway = true
  server.intercept = ({ plural }, response) => {
    if (plural !== 'canaries' || !isAway) return false
    response.writeHead(503).end()
    return true
  }
  await service.start({ objectives })
  await until(() => objectives.checks.objectives?.() === undefined)
  t.same(await service.hook('rollout'), {
    status: 400,
    body: 'the Canaries of the cluster have not been read yet'
  })
  isAway = false
  await until(() => objectives.checks.canaries?.() === undefined)
  t.same(await service.hook('rollout'), { status: 200, body: 'no-data: no data yet' })
})

t.test('the page about clusters lists every metric that is judged', t => {
  const rows = readFileSync('docs/analysis/cluster.md', 'utf8').matchAll(
    /^\| `([a-z0-9-]+)` \| `m/gm
  )
  t.same([...rows].map(([, name]) => name).sort(), [...metricWords].sort())
  t.end()
})
