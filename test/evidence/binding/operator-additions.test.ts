import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { fieldOf, pathOf } from '../../../evidence/binding/place.ts'
import { compared } from './compared.ts'

type Kind = readonly [apiVersion: string, kind: string]

/** The fields of an object that are not as rendered, if all of it is bound. */
function fields([apiVersion, kind]: Kind, rendered: JsonObject, found: JsonObject): string[] {
  const object = (spec: JsonObject) => ({ apiVersion, kind, spec })
  const { differences } = compared('object', object(rendered), object(found))
  return differences.map(({ place }) => fieldOf(pathOf(place)))
}

const jobSet = ['jobset.x-k8s.io/v1alpha2', 'JobSet'] as const
const lws = ['leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet'] as const
const isvc = ['serving.kserve.io/v1beta1', 'InferenceService'] as const
const service = ['serving.knative.dev/v1', 'Service'] as const
const task = ['tekton.dev/v1', 'Task'] as const
const taskRun = ['tekton.dev/v1', 'TaskRun'] as const
const pipeline = ['tekton.dev/v1', 'Pipeline'] as const
const pipelineRun = ['tekton.dev/v1', 'PipelineRun'] as const

const job = (spec: JsonObject, pod: JsonObject = {}) => ({
  replicatedJobs: [{ name: 'r', template: { spec: { ...spec, template: { spec: pod } } } }]
})
const revision = (spec: JsonObject) => ({ template: { spec } })
const model = (format: string, more: JsonObject = {}) => ({
  predictor: { model: { modelFormat: { name: format }, ...more } }
})
const custom = (...names: readonly string[]) => ({
  predictor: { containers: names.map(name => ({ name, image: 'a' })) }
})
const server = { image: 'a' }

t.test('what the webhook of an operator sets is no difference', t => {
  const cases: readonly (readonly [Kind, JsonObject, JsonObject])[] = [
    [
      jobSet,
      job({}),
      {
        ...job({ completionMode: 'Indexed' }, { restartPolicy: 'OnFailure' }),
        network: { enableDNSHostnames: true, publishNotReadyAddresses: true },
        startupPolicy: { startupPolicyOrder: 'AnyOrder' },
        successPolicy: { operator: 'All' }
      }
    ],
    [
      jobSet,
      { failurePolicy: { rules: [{ action: 'FailJobSet' }, { action: 'RestartJobSet' }] } },
      {
        failurePolicy: {
          rules: [
            { name: 'failurePolicyRule0', action: 'FailJobSet' },
            { name: 'failurePolicyRule1', action: 'RestartJobSet' }
          ]
        }
      }
    ],
    [
      lws,
      { replicas: 1 },
      {
        replicas: 1,
        networkConfig: { subdomainPolicy: 'Shared' },
        rolloutStrategy: {
          type: 'RollingUpdate',
          rollingUpdateConfiguration: { maxUnavailable: 1, maxSurge: 0, partition: 0 }
        }
      }
    ],
    [isvc, model('triton'), model('triton', { protocolVersion: 'v2' })],
    [
      isvc,
      { predictor: { onnx: {} }, transformer: { containers: [server] } },
      {
        ...model('onnx', { protocolVersion: 'v2' }),
        transformer: {
          containers: [{ ...server, name: 'kserve-container' }],
          automountServiceAccountToken: false
        }
      }
    ],
    // It gives a single container its name whatever it was called.
    [isvc, custom('mine'), custom('kserve-container')],
    [
      service,
      revision({
        containers: [{ ...server, volumeMounts: [{ name: 'config', mountPath: '/etc' }] }],
        volumes: [{ name: 'config', configMap: { name: 'c' } }]
      }),
      {
        ...revision({
          containers: [
            {
              ...server,
              name: 'user-container',
              volumeMounts: [{ name: 'config', mountPath: '/etc', readOnly: true }],
              readinessProbe: { successThreshold: 1, tcpSocket: { port: 0 } }
            }
          ],
          volumes: [{ name: 'config', configMap: { name: 'c' } }],
          containerConcurrency: 0,
          enableServiceLinks: false,
          timeoutSeconds: 300
        }),
        traffic: [{ latestRevision: true, percent: 100 }]
      }
    ],
    [
      service,
      revision({ containers: [server, server], initContainers: [server] }),
      revision({
        containers: [
          { ...server, name: 'user-container-0' },
          { ...server, name: 'user-container-1' }
        ],
        initContainers: [{ ...server, name: 'init-container' }]
      })
    ],
    [
      task,
      {
        params: [
          { name: 'a' },
          { name: 'b', default: ['x'] },
          { name: 'c', properties: { x: {} } }
        ],
        results: [{ name: 'd' }, { name: 'e', properties: { x: {} } }]
      },
      {
        params: [
          { name: 'a', type: 'string' },
          { name: 'b', type: 'array', default: ['x'] },
          { name: 'c', type: 'object', properties: { x: { type: 'string' } } }
        ],
        results: [
          { name: 'd', type: 'string' },
          { name: 'e', type: 'object', properties: { x: { type: 'string' } } }
        ]
      }
    ],
    [
      pipeline,
      { tasks: [{ taskRef: { name: 't' } }], finally: [{ taskSpec: { params: [{ name: 'a' }] } }] },
      {
        tasks: [{ taskRef: { name: 't', kind: 'Task' } }],
        finally: [{ taskSpec: { params: [{ name: 'a', type: 'string' }] } }]
      }
    ],
    [
      taskRun,
      { taskRef: { name: 't' } },
      { taskRef: { name: 't', kind: 'Task' }, timeout: '1h0m0s', serviceAccountName: 'default' }
    ],
    [
      pipelineRun,
      { pipelineSpec: { params: [{ name: 'a' }] } },
      {
        pipelineSpec: { params: [{ name: 'a', type: 'string' }] },
        timeouts: { pipeline: '1h0m0s' },
        taskRunTemplate: { serviceAccountName: 'default' }
      }
    ]
  ]
  for (const [kind, rendered, found] of cases) t.same(fields(kind, rendered, found), [], kind[1])
  t.end()
})

t.test(
  'the same value at any other place, or where the webhook does not set it, is a difference',
  t => {
    const cases: readonly (readonly [Kind, JsonObject, JsonObject, string])[] = [
      [jobSet, job({}), job({}, { completionMode: 'Indexed' }), 'template.spec.completionMode'],
      [
        isvc,
        model('sklearn'),
        model('sklearn', { protocolVersion: 'v2' }),
        'model.protocolVersion'
      ],
      [isvc, model('triton'), model('triton', { protocolVersion: 'v1' }), 'model.protocolVersion'],
      [
        isvc,
        model('triton'),
        model('triton', { automountServiceAccountToken: false }),
        'model.automountServiceAccountToken'
      ],
      [isvc, custom('mine', 'other'), custom('kserve-container', 'other'), 'containers[0]'],
      [
        service,
        revision({ containers: [server] }),
        revision({ containers: [{ ...server, name: 'user-container-0' }] }),
        'containers[0].name'
      ],
      [
        service,
        revision({
          containers: [{ ...server, volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
          volumes: [{ name: 'v', emptyDir: {} }]
        }),
        revision({
          containers: [
            { ...server, volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }] }
          ],
          volumes: [{ name: 'v', emptyDir: {} }]
        }),
        'volumeMounts[0].readOnly'
      ],
      [
        service,
        revision({ containers: [server] }),
        { ...revision({ containers: [server] }), traffic: [{ revisionName: 'old', percent: 100 }] },
        'traffic[0]'
      ],
      [
        task,
        { params: [{ name: 'a', default: ['x'] }] },
        { params: [{ name: 'a', type: 'string', default: ['x'] }] },
        'params[0].type'
      ],
      [
        pipeline,
        { tasks: [{ taskRef: { resolver: 'git' } }] },
        { tasks: [{ taskRef: { resolver: 'git', kind: 'Task' } }] },
        'taskRef.kind'
      ],
      [
        pipeline,
        { tasks: [{ pipelineSpec: { params: [{ name: 'a' }] } }] },
        { tasks: [{ pipelineSpec: { params: [{ name: 'a', type: 'string' }] } }] },
        'pipelineSpec.params[0].type'
      ],
      // Parameters that a run gives have no type.
      [
        taskRun,
        { params: [{ name: 'a', value: '1' }] },
        { params: [{ name: 'a', value: '1', type: 'string' }] },
        'params[0].type'
      ],
      [
        pipelineRun,
        { pipelineRef: { name: 'p' } },
        { pipelineRef: { name: 'p', kind: 'Task' } },
        'pipelineRef.kind'
      ]
    ]
    for (const [kind, rendered, found, end] of cases) {
      const [first = 'none'] = fields(kind, rendered, found)
      t.ok(first.endsWith(end), `${kind[1]}: ${first}, expected ${end}`)
    }
    t.end()
  }
)
