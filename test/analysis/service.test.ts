import { gzipSync } from 'node:zlib'
import t from 'tap'
import { endAnalysis, startAnalysis } from './analysis-process.ts'
import {
  batched,
  counts,
  feedback,
  hook,
  json,
  objectives,
  post,
  prediction
} from './analysis-requests.ts'

t.test('CloudEvents are read in three modes, with and without gzip', async t => {
  const service = await startAnalysis([])
  const { url } = service
  await post(`${url}/webhook/rollout`, hook(objectives), json)
  const events = `${url}/v1/events`
  const structured = JSON.stringify(prediction('a', { label: 1 }))
  t.same(await post(events, structured, { 'content-type': 'application/cloudevents+json' }), {
    status: 200,
    body: '{"accepted":1}'
  })
  const batch = JSON.stringify([prediction('b'), feedback('b', '1'), prediction('c', { label: 0 })])
  t.same(await post(events, gzipSync(batch), { ...batched, 'content-encoding': 'gzip' }), {
    status: 200,
    body: '{"accepted":3}'
  })
  const { data, type, time, id } = prediction('d', { error: true, latencyMs: undefined })
  const binary = {
    ...json,
    'ce-specversion': '1.0',
    'ce-type': type,
    'ce-time': time,
    'ce-id': id,
    'ce-source': '/test'
  }
  t.same(await post(events, JSON.stringify(data), binary), { status: 200, body: '{"accepted":1}' })
  t.equal(await counts(url), 'accuracy 1/3, latency.p99 1/4')
  t.same(await post(events, batch, { ...batched, 'content-encoding': 'br' }), {
    status: 415,
    body: 'Content-Encoding must be gzip or identity\n'
  })
  await endAnalysis(service, 'SIGTERM')
})

t.test("KServe's logger: two halves, variant from annotation or path", async t => {
  const service = await startAnalysis([])
  const { url } = service
  await post(`${url}/webhook/rollout`, hook(objectives), json)
  const atMs = Date.now()
  const half = (kind: string, id: string, more: Record<string, string> = {}) => ({
    ...json,
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-source': 'http://localhost:9081/',
    'ce-type': `org.kubeflow.serving.inference.${kind}`,
    'ce-time': new Date(atMs + (kind === 'response' ? 150 : 0)).toISOString(),
    'ce-namespace': 'ml',
    'ce-inferenceservicename': 'churn',
    'ce-component': 'predictor',
    'ce-endpoint': '',
    ...more
  })
  const annotated = { 'ce-annotations': '{"mlgitops.io/variant":"canary"}' }
  const encoded = { 'ce-annotations': encodeURIComponent(annotated['ce-annotations']) }
  const v2 = '{"outputs":[{"name":"y","shape":[1],"datatype":"INT64","data":[1]}]}'
  const ok = { status: 200, body: '{"accepted":1}' }
  t.same(await post(`${url}/v1/events`, v2, half('response', 'k1', annotated)), ok)
  t.same(await post(`${url}/v1/events`, '{"inputs":[]}', half('request', 'k1', encoded)), ok)
  const packed = gzipSync('{"predictions":[[1, 0]]}')
  t.same(await post(`${url}/v1/events/canary`, packed, half('response', 'k2')), ok)
  t.same(await post(`${url}/v1/events/canary`, '{}', half('request', 'k2')), ok)
  t.equal(await counts(url), 'accuracy 0/0, latency.p99 2/2')
  t.same(await post(`${url}/v1/events`, v2, half('response', 'k3')), {
    status: 400,
    body: '{"accepted":0,"refused":[{"index":0,"id":"k3","reason":"the event has no variant: annotate the pods with mlgitops.io/variant and log it (metadataAnnotations), or log to /v1/events/canary and /v1/events/primary"}]}'
  })
  t.match(await post(`${url}/v1/events/canary`, '{}', half('response', 'k4')), {
    status: 400,
    body: 'the response has no first output (V1 predictions, V2 outputs[0].data)'
  })
  await endAnalysis(service, 'SIGTERM')
})

t.test('A bad event is refused with its reason; the good events of the batch count', async t => {
  const service = await startAnalysis([])
  const { url } = service
  await post(`${url}/webhook/rollout`, hook(objectives), json)
  const ahead = new Date(Date.now() + 3_600_000).toISOString()
  const refusals: readonly (readonly [unknown, string | null, string])[] = [
    [7, null, 'an event must be a JSON object'],
    [prediction('x', {}, { specversion: '0.3' }), 'event-x', 'specversion must be 1.0'],
    [prediction('x', {}, { type: '' }), 'event-x', 'an event needs a type'],
    [prediction('x', {}, { time: undefined }), 'x', 'the event needs a time: when it happened'],
    [prediction('x', {}, { time: 'yesterday' }), 'x', 'the time "yesterday" is not RFC 3339'],
    [
      prediction('x', {}, { time: ahead }),
      'x',
      "the time is 3600 s ahead of ours: check the sender's clock"
    ],
    [
      prediction('x', {}, { type: 'com.example.x' }),
      'x',
      'unknown type "com.example.x"; known: "io.mlgitops.prediction", "io.mlgitops.feedback", "org.kubeflow.serving.inference.request", "org.kubeflow.serving.inference.response"'
    ],
    [prediction('x', {}, { data: 'x' }), 'event-x', 'data must be a JSON object'],
    [prediction('x', { rollout: 'churn' }), 'x', 'rollout must be "namespace/name" of a Canary'],
    [prediction('x', { rollout: 'ML/churn' }), 'x', 'rollout must be "namespace/name" of a Canary'],
    [prediction('x', { id: '' }), '', 'id must be a string of 1 to 200 characters'],
    [prediction('x', { variant: 'stable' }), 'x', 'variant must be primary or canary'],
    [
      prediction('x', { predicted: [1] }),
      'x',
      'predicted must be a string of at most 200 characters, a number or a boolean'
    ],
    [prediction('x', { predicted: undefined }), 'x', 'predicted is missing'],
    [prediction('x', { latencyMs: -1 }), 'x', 'latencyMs must be a number from 0 to 86400000'],
    [prediction('x', { latencyMs: 1e12 }), 'x', 'latencyMs must be a number from 0 to 86400000'],
    [prediction('x', { latencyMs: '12' }), 'x', 'latencyMs must be a number from 0 to 86400000'],
    [prediction('x', { error: 'yes' }), 'x', 'error must be true or false'],
    [feedback('x', null), 'x', 'feedback needs a label or scores'],
    [
      feedback('x', { a: 1 }),
      'x',
      'label must be a string of at most 200 characters, a number or a boolean'
    ]
  ]
  const batch = [prediction('good', { label: 1 }), ...refusals.map(([event]) => event)]
  const { status, body } = await post(`${url}/v1/events`, JSON.stringify(batch), batched)
  t.equal(status, 400)
  t.same(JSON.parse(body), {
    accepted: 1,
    refused: refusals.map(([, id, reason], index) => ({ index: index + 1, id, reason }))
  })
  t.equal(await counts(url), 'accuracy 0/1, latency.p99 0/1')
  const whole: readonly (readonly [string | Buffer, Record<string, string>, string])[] = [
    ['{', batched, 'a batch must be a JSON array of events'],
    ['{', { 'content-type': 'application/cloudevents+json' }, 'the body is not JSON'],
    [
      '{}',
      json,
      'this is not a CloudEvent: send ce- headers, application/cloudevents+json or application/cloudevents-batch+json'
    ],
    [
      Buffer.from([0x1f, 0x8b, 1, 2]),
      batched,
      'cannot unpack the body: it is not gzip, or larger than 16777216 bytes'
    ],
    [
      '[]',
      { ...batched, 'content-encoding': 'gzip' },
      'cannot unpack the body: it is not gzip, or larger than 16777216 bytes'
    ],
    [
      gzipSync(`[${'{},'.repeat(500_000)}{}]`),
      batched,
      'the body has more than 500000 arrays and objects'
    ],
    [`[{${'"a":1,'.repeat(1_000_000)}"b":1}]`, batched, 'the body has more than 1000000 members'],
    [
      gzipSync(Buffer.alloc(17 * 1024 * 1024)),
      batched,
      'cannot unpack the body: it is not gzip, or larger than 16777216 bytes'
    ]
  ]
  for (const [sent, headers, reason] of whole) {
    const { status, body } = await post(`${url}/v1/events`, sent, headers)
    t.equal(status, 400)
    t.same(JSON.parse(body), { accepted: 0, refused: [{ index: 0, id: null, reason }] })
  }
  await endAnalysis(service, 'SIGTERM')
})

t.test(
  'A body that is not a hook gets 400 or 404: never a redirect, 203 to 299 or 5xx',
  async t => {
    const service = await startAnalysis([])
    const { url } = service
    const cases: readonly (readonly [string, string, number, string])[] = [
      ['rollout', '', 400, 'the body must be a JSON object as Flagger sends it'],
      ['rollout', '[]', 400, 'the body must be a JSON object as Flagger sends it'],
      ['rollout', '{"name":"churn"}', 400, 'name and namespace must be those of a Canary'],
      [
        'rollout',
        '{"name":"../x","namespace":"ml"}',
        400,
        'name and namespace must be those of a Canary'
      ],
      [
        'rollout',
        '{"name":"churn","namespace":"ml","metadata":{"alpha":[1]}}',
        400,
        'metadata must be an object of at most 100 strings, numbers or booleans'
      ],
      [
        'rollout',
        '{"name":"churn","namespace":"ml","phase":[]}',
        400,
        'phase and checksum must be strings'
      ],
      [
        'gate',
        hook(),
        404,
        'unknown hook type "gate"; known: confirm-rollout, pre-rollout, rollout, confirm-traffic-increase, confirm-promotion, post-rollout, rollback, event'
      ]
    ]
    for (const [type, body, status, text] of cases) {
      t.same(await post(`${url}/webhook/${type}`, body, json), { status, body: `${text}\n` })
    }
    const typed = (type: string) => hook({ ...objectives, type })
    t.equal((await post(`${url}/webhook/canary`, typed('confirm-promotion'), json)).status, 409)
    t.equal((await post(`${url}/webhook/canary`, hook(objectives), json)).status, 200)
    t.equal((await post(`${url}/webhook/rollout/`, hook(objectives), json)).status, 404)
    await endAnalysis(service, 'SIGTERM')
  }
)
