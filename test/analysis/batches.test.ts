import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { countInstances, splitResponse } from '../../analysis/event/kserve-body.ts'
import { batched, counts, json, post } from './analysis-requests.ts'
import { InProcess } from './in-process.ts'

const raw = (...outputs: readonly unknown[]) => `\u0000${JSON.stringify(outputs)}`

t.test('Responses of V1 and V2 are split into instances, for each datatype', t => {
  const tensor = (datatype: string, shape: JsonValue, data: JsonValue) => ({
    outputs: [{ name: 'y', datatype, shape, data }]
  })
  for (const [body, instances] of [
    [{ predictions: [1, 0, 1] }, ['1', '0', '1']],
    [{ predictions: ['a', true, 2.5] }, ['a', 'true', '2.5']],
    [
      {
        predictions: [
          [0.1, 0.9],
          [0.8, 0.2]
        ]
      },
      [raw([null, [0.1, 0.9]]), raw([null, [0.8, 0.2]])]
    ],
    [
      {
        predictions: [
          [
            [1, 2],
            [3, 4]
          ]
        ]
      },
      [raw([null, [1, 2, 3, 4]])]
    ],
    [{ predictions: [{ a: 1, b: [0.5] }] }, [raw(['a', 1], ['b', [0.5]])]],
    [tensor('INT64', [2], [1, 0]), [raw(['y', 1]), raw(['y', 0])]],
    [tensor('BOOL', [2], [true, false]), [raw(['y', true]), raw(['y', false])]],
    [tensor('BYTES', [2], ['cat', 'dog']), [raw(['y', 'cat']), raw(['y', 'dog'])]],
    [tensor('FP16', [2, 1], [0.5, 1]), [raw(['y', 0.5]), raw(['y', 1])]],
    [
      tensor('FP32', [2, 2], [0.1, 0.9, 0.8, 0.2]),
      [raw(['y', [0.1, 0.9]]), raw(['y', [0.8, 0.2]])]
    ],
    [
      tensor(
        'FP64',
        [2, 2],
        [
          [0.1, 0.9],
          [0.8, 0.2]
        ]
      ),
      [raw(['y', [0.1, 0.9]]), raw(['y', [0.8, 0.2]])]
    ],
    [{ outputs: [{ data: [7] }] }, ['7']],
    [
      {
        outputs: [
          { name: 'y', shape: [2], data: [1, 0] },
          { name: 'p', shape: [2, 1], data: [0.9, 0.2] },
          { name: 'version', shape: [1], data: ['v1'] }
        ]
      },
      [raw(['y', 1], ['p', 0.9]), raw(['y', 0], ['p', 0.2])]
    ]
  ] as const) {
    t.same(splitResponse(body), { instances }, JSON.stringify(body))
  }
  t.end()
})

t.test('What cannot be split is refused by name', t => {
  const none = 'the response has no first output (V1 predictions, V2 outputs[0].data)'
  const cannot = (why: string) => `output "y" cannot be split into instances: ${why}`
  const y = (more: JsonObject) => ({ outputs: [{ name: 'y', ...more }] })
  for (const [body, unusable] of [
    [{}, none],
    [undefined, none],
    [{ predictions: [] }, none],
    [{ outputs: [] }, none],
    [y({ shape: [1] }), none],
    [{ predictions: { a: [1] } }, 'predictions cannot be split into instances: it is not an array'],
    [{ outputs: { y: [1] } }, 'outputs cannot be split into instances: it is not an array'],
    [y({ shape: [3], data: [1, 0] }), cannot('its shape [3] does not have 2 values')],
    [y({ shape: [2, -1], data: [1, 0] }), cannot('its shape [2, -1] does not have 2 values')],
    [y({ data: [1, 0] }), cannot('it has no shape')],
    [y({ shape: [1], data: [{ a: 1 }] }), cannot('its data are not scalars')],
    [y({ shape: [2], parameters: { binary_data_size: 8 } }), cannot('its data are binary')],
    [
      {
        outputs: [
          { name: 'y', datatype: 'INT64', shape: [2], data: [1, 0] },
          { name: 'boxes', datatype: 'FP32', shape: [3, 1], data: [1, 2, 3] }
        ]
      },
      'outputs cannot be split into instances: output "boxes" has 3 in its first dimension, and output "y" has 2'
    ],
    [
      {
        outputs: [
          { name: 'label', datatype: 'BYTES', shape: [1, 2], data: ['cat', 'dog'] },
          { name: 'score', datatype: 'FP32', shape: [2], data: [0.1, 0.9] }
        ]
      },
      'outputs cannot be split into instances: output "score" has 2 in its first dimension, and output "label" has 1'
    ],
    [
      { predictions: Array.from({ length: 10_001 }, () => 1) },
      'the response has 10001 instances; 10000 can be split'
    ]
  ] as const) {
    t.same(splitResponse(body), { unusable }, JSON.stringify(body ?? null).slice(0, 100))
  }
  t.same(
    splitResponse({ predictions: [Array.from({ length: 5_000 }, () => 1)] }),
    { instances: [undefined] },
    'a prediction that is too large has no class'
  )
  t.end()
})

t.test('Requests say how many instances they have', t => {
  for (const [body, count] of [
    [{ instances: [[1], [2], [3]] }, 3],
    [{ inputs: [{ name: 'x', shape: [8, 4] }] }, 8],
    [{ inputs: [{ shape: [8, 4] }, { shape: [8] }] }, 8],
    [{ inputs: [{ shape: [8, 4] }, { shape: [3] }] }, 1],
    [{ inputs: [] }, 1],
    [{ inputs: [{ shape: ['a'] }] }, 1],
    [{}, 1],
    [undefined, 1]
  ] as const) {
    t.equal(countInstances(body), count, JSON.stringify(body))
  }
  t.end()
})

const at = new Date(Date.UTC(2026, 10, 24, 12)).toISOString()

const half = async (service: InProcess, kind: 'request' | 'response', id: string, body: unknown) =>
  await post(`${service.url}/v1/events/canary`, JSON.stringify(body), {
    ...json,
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-source': '/t',
    'ce-type': `org.kubeflow.serving.inference.${kind}`,
    'ce-time': at,
    'ce-namespace': 'ml',
    'ce-inferenceservicename': 'churn'
  })

const label = async (service: InProcess, ids: readonly string[], value: unknown) =>
  await post(
    `${service.url}/v1/events`,
    JSON.stringify(
      ids.map(id => ({
        specversion: '1.0',
        id: `l-${id}`,
        source: '/t',
        type: 'io.mlgitops.feedback',
        time: at,
        data: { rollout: 'ml/churn', id, label: value }
      }))
    ),
    batched
  )

const eight = Array.from({ length: 8 }, (_, index) => `b/${index}`)
const settings = { 'accuracy.min': '0.5', 'error-rate.max': '0.5', maturity: '0s' }

t.test('Seven wrong predictions of a batch of eight are seven bad events', async t => {
  for (const [request, response] of [
    [{ instances: eight }, { predictions: [1, 1, 1, 1, 1, 1, 1, 1] }],
    [
      { inputs: [{ name: 'x', shape: [8, 2], datatype: 'FP32', data: [] }] },
      { outputs: [{ name: 'y', shape: [8], datatype: 'INT64', data: [1, 1, 1, 1, 1, 1, 1, 1] }] }
    ]
  ] as const) {
    for (const order of ['labels first', 'labels last']) {
      const service = await new InProcess().start()
      await service.hook('rollout', settings)
      const labels = async () => {
        await label(service, eight.slice(0, 1), 1)
        await label(service, eight.slice(1), 0)
      }
      if (order === 'labels first') await labels()
      t.same(await half(service, 'request', 'b', request), { status: 200, body: '{"accepted":1}' })
      t.same(await half(service, 'response', 'b', response), {
        status: 200,
        body: '{"accepted":1}'
      })
      if (order === 'labels last') await labels()
      t.equal(await counts(service.url), 'accuracy 7/8, error-rate 0/8', order)
      await service.stop()
    }
  }
})

t.test('A lost response of a batch is an error of each instance', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  await service.hook('rollout', settings)
  await half(service, 'request', 'b', { instances: eight })
  service.nowMs += 70_000
  t.equal(await counts(service.url), 'accuracy 0/0, error-rate 8/8')
})

t.test('A single instance has the ID of the request, and id/0 means it too', async t => {
  for (const [id, isLabelFirst] of [
    ['one', false],
    ['one', true],
    ['one/0', false],
    ['one/0', true]
  ] as const) {
    const service = await new InProcess().start()
    await service.hook('rollout', settings)
    if (isLabelFirst) await label(service, [id], 0)
    await half(service, 'request', 'one', { instances: [[1]] })
    await half(service, 'response', 'one', { predictions: [1] })
    if (!isLabelFirst) await label(service, [id], 0)
    t.equal(await counts(service.url), 'accuracy 1/1, error-rate 0/1', `${id} ${isLabelFirst}`)
    await service.stop()
  }
})

t.test('A label of id/0 does not reach a prediction of our own form named id', async t => {
  for (const isLabelFirst of [false, true]) {
    const service = await new InProcess().start()
    await service.hook('rollout', settings)
    const own = async (id: string) => {
      const data = { rollout: 'ml/churn', variant: 'canary', id, predicted: 1, latencyMs: 5 }
      const envelope = { specversion: '1.0', source: '/t', time: at, id: `p-${id}` }
      const event = { ...envelope, type: 'io.mlgitops.prediction', data }
      return await post(`${service.url}/v1/events`, JSON.stringify([event]), batched)
    }
    if (isLabelFirst) await label(service, ['own/0'], 0)
    await own('own')
    await own('own/0')
    if (!isLabelFirst) await label(service, ['own/0'], 0)
    t.equal(await counts(service.url), 'accuracy 1/1, error-rate 0/2')
    await label(service, ['own'], 1)
    t.equal(await counts(service.url), 'accuracy 1/2, error-rate 0/2')
    await service.stop()
  }
})
