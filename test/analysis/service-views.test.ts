import path from 'node:path'
import t from 'tap'
import { endAnalysis, startAnalysis } from './analysis-process.ts'
import { batched, hook, json, objectives, post, prediction } from './analysis-requests.ts'
import type { Json } from './analysis-requests.ts'

t.test('Verdicts for Argo Rollouts, and scores in the format of Prometheus', async t => {
  const service = await startAnalysis([])
  const { url } = service
  const get = async (target: string) => {
    const response = await fetch(`${url}${target}`)
    return { status: response.status, body: (await response.json()) as Json }
  }
  t.same(await get('/v1/verdict?namespace=ml&name=churn'), {
    status: 404,
    body: { error: 'ml/churn is unknown' }
  })
  t.equal((await get('/v1/verdict')).status, 400)
  const names = { model: 'churn-prediction', commit: '4e88b67' }
  await post(
    `${url}/webhook/rollout`,
    hook({ ...objectives, ...names, 'precision.min': '0.9' }),
    json
  )
  const query = async (text: string) => {
    const { status, body } = await get(`/api/v1/query?query=${encodeURIComponent(text)}`)
    const { data, error } = body as {
      data?: { result: { value: [number, string] }[] }
      error?: string
    }
    return [status, error ?? data?.result.map(({ value }) => value[1])]
  }
  const of = '{namespace="ml",name="churn"}'
  t.same(await query(`model_precision${of}`), [200, []])
  t.same(await query('vector(1)'), [200, ['1']])
  const events = [1, 1, 1, 0].map((label, index) =>
    prediction(`p${index}`, { label, latencyMs: 10 * (index + 1) })
  )
  await post(`${url}/v1/events`, JSON.stringify(events), batched)
  t.same(await query(`model-precision${of}`), [200, ['0.75']])
  t.same(await query(`model_accuracy {name="churn", namespace="ml", variant="canary"}`), [
    200,
    ['0.75']
  ])
  t.same(await query(`model_precision{namespace="ml",name="churn",variant="primary"}`), [200, []])
  const [, latency] = (await query(`model_predict_latency_ms${of}`)) as [number, string[]]
  t.ok(Math.abs(Number(latency[0]) - 40) <= 0.4)
  t.same(await query('up'), [
    400,
    'the query must be vector(1) or one of model_precision, model_recall, model_accuracy, model_error_rate, model_predict_latency_ms with {namespace="...",name="..."}'
  ])
  t.same(await query('model_precision{namespace="ml"}'), [
    400,
    'namespace and name must be those of a Canary'
  ])
  const { body } = await get('/v1/verdict?namespace=ml&name=churn')
  const {
    objectives: all,
    run,
    verdict: worst
  } = body as {
    objectives: Json[]
    run: Json
    verdict: string
  }
  t.equal(worst, 'inconclusive')
  t.same(
    all.map(({ metric, verdict, events: n, bad }) => [metric, verdict, n, bad]),
    [
      ['precision', 'inconclusive', 4, 1],
      ['accuracy', 'inconclusive', 4, 1],
      ['latency.p99', 'inconclusive', 4, 0]
    ]
  )
  t.match(run, { number: 1, checksum: 'c1', ...names, ended: null, settledBy: null })
  await endAnalysis(service, 'SIGTERM')
})

t.test('A verdict about a commit or a model digest is about no other run', async t => {
  const service = await startAnalysis([])
  const target = `${service.url}/v1/verdict`
  const get = async (query: string) => {
    const response = await fetch(`${target}?namespace=ml&name=churn${query}`)
    return (await response.json()) as Json
  }
  const bad = prediction('a', { label: 0 })
  await post(target, hook({ ...objectives, commit: '4e88b67', 'min-events': '0' }), json)
  await post(`${service.url}/v1/events`, JSON.stringify([bad]), batched)
  const { verdict, objectives: judged } = await get('')
  t.match(await get('&commit=4e88b67'), { verdict, objectives: judged })
  t.match(await get('&commit='), { verdict, objectives: judged })
  const run = { number: 1, commit: '4e88b67', digest: null }
  t.match(await get('&commit=a1b2c3d'), {
    verdict: 'inconclusive',
    reason: 'the run is of commit 4e88b67, not of a1b2c3d',
    objectives: [],
    run
  })
  t.match(await get('&commit=4e88b67&digest=sha256:00'), {
    verdict: 'inconclusive',
    reason: 'the run is of no known digest, not of sha256:00',
    run
  })
  const other = await post(
    target,
    hook({ ...objectives, commit: 'a1b2c3d', 'min-events': '0' }),
    json
  )
  t.match(JSON.parse(other.body), {
    verdict: 'inconclusive',
    reason: 'the run is of commit 4e88b67, not of a1b2c3d'
  })
  await endAnalysis(service, 'SIGTERM')
})

t.test('POST /v1/verdict accepts objectives and always returns strict JSON', async t => {
  const service = await startAnalysis([])
  const { url } = service
  const ask = async (body: string) => {
    const reply = await post(`${url}/v1/verdict`, body, json)
    return { status: reply.status, body: JSON.parse(reply.body) as Json }
  }
  t.same(await ask(hook()), {
    status: 404,
    body: {
      error:
        'the canary ml/churn is unknown: none of its hooks named objectives, and there is no ModelAnalysis with its name'
    }
  })
  t.match(await ask(hook({ 'precision.min': '2' })), {
    status: 400,
    body: { error: /^the objectives cannot be used: precision\.min: / }
  })
  t.same(await ask('NaN'), {
    status: 400,
    body: { error: 'the body must be a JSON object as Flagger sends it' }
  })
  t.match(await ask(hook(objectives)), {
    status: 200,
    body: { verdict: 'no-data', run: { number: 1, checksum: 'c1' } }
  })
  await post(`${url}/v1/events`, JSON.stringify([prediction('a', { label: 1 })]), batched)
  t.match(await ask(hook(objectives)), {
    status: 200,
    body: { verdict: 'inconclusive', run: { number: 1 } }
  })
  await endAnalysis(service, 'SIGTERM')
})

t.test('Output at start, and refused options', async t => {
  const folder = t.testdir({
    objectives: {
      'churn.yaml': `apiVersion: mlgitops.io/v1alpha1
kind: ModelAnalysis
metadata: { namespace: ml, name: churn }
spec:
  precision: { min: 0.92, positive: fraud }
  latency: { p99: { max: 100ms } }
  maturity: 0s
`
    },
    broken: {
      'churn.yaml': `apiVersion: mlgitops.io/v1alpha1
kind: ModelAnalysis
metadata: { namespace: ml, name: churn }
spec: { precision: { min: [1] } }
`
    },
    'state.txt': 'this is not a database, but it is as long as one: '.repeat(40)
  })
  const service = await startAnalysis([
    '--objectives',
    path.join(folder, 'objectives'),
    '--metrics-listen',
    '127.0.0.1:0'
  ])
  t.match(
    service.stdout(),
    /^listening on http:\/\/127\.0\.0\.1:\d+\n(metrics on http:\/\/127\.0\.0\.1:\d+\n)?$/
  )
  t.equal((await fetch(`${service.url}/readyz`)).status, 200)
  t.equal((await post(`${service.url}/webhook/rollout`, hook(), json)).body, 'no-data: no data yet')
  t.equal(await endAnalysis(service, 'SIGTERM'), 0)
  const failure = async (args: readonly string[]) => {
    try {
      await startAnalysis(args)
      return 'it started'
    } catch (error) {
      return String(error).replaceAll(folder, '.')
    }
  }
  t.match(
    await failure(['--objectives', path.join(folder, 'broken')]),
    './broken/churn.yaml:1: spec.precision.min must be a string, number or boolean [MODEL_ANALYSIS_INVALID]'
  )
  t.match(
    await failure(['--state', path.join(folder, 'state.txt')]),
    '--state: cannot use the state file [STORE_UNUSABLE]\n  found:    file is not a database'
  )
})
