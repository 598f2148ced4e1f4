/** What a workload does with a model. */
export type WorkloadRole = 'train' | 'serve' | 'pipeline' | 'run'

/**
 * Where a kind keeps what it runs. Paths: `a.b` members, `a[]` every item, `a{}` every value of a map,
 * `a~b` a and everything under its lists called b. A path without matches is no fault.
 */
export interface WorkloadKind {
  readonly group: string
  readonly kind: string
  readonly scope: 'namespaced' | 'cluster'
  readonly role: WorkloadRole
  readonly podSpecs?: readonly string[]
  /** Containers outside of a pod spec. */
  readonly containers?: readonly string[]
  readonly images?: readonly string[]
  readonly models?: readonly string[]
  /** Fields that can name an image or a model where no table can see it. */
  readonly opaque?: readonly string[]
}

type Rest = Partial<Omit<WorkloadKind, 'group' | 'kind' | 'role'>>

const template = 'spec.template.spec'
const frameworks =
  'huggingface lightgbm onnx paddle pmml pytorch sklearn tensorflow triton xgboost model'.split(' ')
const predictors = ['spec.predictor', 'spec.canary[].predictor']
const ray = (at: string): Rest => ({
  podSpecs: [`${at}.headGroupSpec.template.spec`, `${at}.workerGroupSpecs[].template.spec`],
  containers: [`${at}.autoscalerOptions`, `${at}.historyServerOptions.collectorOptions`]
})
const workflow = (at: string): Rest => ({
  containers: [`${at}.templates[]`, `${at}.templateDefaults`].flatMap(t =>
    ['container', 'script', 'containerSet.containers[]', 'initContainers[]', 'sidecars[]'].map(
      c => `${t}.${c}`
    )
  ),
  opaque: [
    `${at}.podSpecPatch`,
    `${at}.workflowTemplateRef`,
    `${at}.templates[].podSpecPatch`,
    `${at}.templates[].resource.manifest`,
    `${at}.templates[].plugin`,
    `${at}.templates[].steps[][].inline`,
    `${at}.templates[].steps[][].templateRef`,
    `${at}.templates[].dag.tasks[].inline`,
    `${at}.templates[].dag.tasks[].templateRef`
  ]
})
const tasks = ['tasks[]', 'finally[]']
const steps = (at: string): readonly string[] => [
  `${at}.steps[]`,
  `${at}.sidecars[]`,
  `${at}.stepTemplate`
]

function kinds(group: string, names: string, role: WorkloadRole, rest: Rest): WorkloadKind[] {
  return names.split(' ').map(kind => ({ group, kind, role, scope: 'namespaced', ...rest }))
}

/** Every kind that carries ML work. Source: the projects' CRDs, facts/ml-ecosystem.md section 5. */
export const workloadKinds: readonly WorkloadKind[] = [
  ...kinds('', 'Pod', 'run', { podSpecs: ['spec'] }),
  ...kinds('', 'ReplicationController', 'run', { podSpecs: [template] }),
  ...kinds('', 'PodTemplate', 'run', { podSpecs: ['template.spec'] }),
  ...kinds('apps', 'Deployment StatefulSet DaemonSet ReplicaSet', 'run', { podSpecs: [template] }),
  ...kinds('batch', 'Job', 'train', { podSpecs: [template] }),
  ...kinds('batch', 'CronJob', 'train', { podSpecs: ['spec.jobTemplate.spec.template.spec'] }),
  ...kinds('serving.knative.dev', 'Service Configuration', 'serve', { podSpecs: [template] }),
  ...kinds('serving.knative.dev', 'Revision', 'serve', { podSpecs: ['spec'] }),
  ...[
    ['TFJob', 'tfReplicaSpecs'],
    ['PyTorchJob', 'pytorchReplicaSpecs'],
    ['XGBoostJob', 'xgbReplicaSpecs'],
    ['MPIJob', 'mpiReplicaSpecs'],
    ['PaddleJob', 'paddleReplicaSpecs'],
    ['JAXJob', 'jaxReplicaSpecs']
  ].flatMap(([kind = '', field = '']) =>
    kinds('kubeflow.org', kind, 'train', { podSpecs: [`spec.${field}{}.template.spec`] })
  ),
  ...kinds('kubeflow.org', 'ScheduledWorkflow', 'pipeline', workflow('spec.workflow.spec')),
  ...kinds('trainer.kubeflow.org', 'TrainJob', 'train', {
    images: ['spec.trainer.image'],
    models: ['spec.initializer.model.storageUri', 'spec.initializer.dataset.storageUri'],
    opaque: ['spec.runtimeRef', 'spec.runtimePatches']
  }),
  ...kinds('trainer.kubeflow.org', 'OptimizationJob', 'train', {
    images: ['spec.trainJobTemplate.spec.trainer.image'],
    opaque: ['spec.trainJobTemplate.spec.runtimeRef']
  }),
  ...kinds('trainer.kubeflow.org', 'TrainingRuntime', 'train', {
    podSpecs: ['spec.template.spec.replicatedJobs[].template.spec.template.spec']
  }),
  ...kinds('trainer.kubeflow.org', 'ClusterTrainingRuntime', 'train', {
    scope: 'cluster',
    podSpecs: ['spec.template.spec.replicatedJobs[].template.spec.template.spec']
  }),
  ...kinds('argoproj.io', 'Workflow WorkflowTemplate', 'pipeline', workflow('spec')),
  ...kinds('argoproj.io', 'ClusterWorkflowTemplate', 'pipeline', {
    scope: 'cluster',
    ...workflow('spec')
  }),
  ...kinds('argoproj.io', 'CronWorkflow', 'pipeline', workflow('spec.workflowSpec')),
  ...kinds('argoproj.io', 'Rollout', 'serve', {
    podSpecs: [template],
    opaque: ['spec.workloadRef']
  }),
  ...kinds('tekton.dev', 'Task ClusterTask', 'pipeline', {
    containers: steps('spec'),
    opaque: ['spec.steps[].ref']
  }),
  ...kinds('tekton.dev', 'TaskRun', 'pipeline', {
    containers: steps('spec.taskSpec'),
    opaque: ['spec.taskRef', 'spec.taskSpec.steps[].ref']
  }),
  ...kinds('tekton.dev', 'StepAction', 'pipeline', { containers: ['spec'] }),
  ...kinds('tekton.dev', 'Pipeline', 'pipeline', {
    containers: tasks.flatMap(task => steps(`spec.${task}.taskSpec`)),
    opaque: tasks.map(task => `spec.${task}.taskRef`)
  }),
  ...kinds('tekton.dev', 'PipelineRun', 'pipeline', {
    containers: tasks.flatMap(task => steps(`spec.pipelineSpec.${task}.taskSpec`)),
    opaque: ['spec.pipelineRef', ...tasks.map(task => `spec.pipelineSpec.${task}.taskRef`)]
  }),
  ...kinds('serving.kserve.io', 'InferenceService', 'serve', {
    podSpecs: [
      ...predictors,
      ...predictors.map(at => `${at}.workerSpec`),
      'spec.transformer',
      'spec.explainer'
    ],
    containers: [
      ...predictors.flatMap(at => frameworks.map(name => `${at}.${name}`)),
      'spec.explainer.art'
    ],
    models: predictors.flatMap(at =>
      frameworks.flatMap(name => [
        `${at}.${name}.storageUri`,
        `${at}.${name}.storageUris[].uri`,
        `${at}.${name}.storage.path`
      ])
    )
  }),
  ...kinds('serving.kserve.io', 'ServingRuntime', 'serve', {
    podSpecs: ['spec', 'spec.workerSpec']
  }),
  ...kinds('serving.kserve.io', 'ClusterServingRuntime', 'serve', {
    scope: 'cluster',
    podSpecs: ['spec', 'spec.workerSpec']
  }),
  ...kinds('serving.kserve.io', 'LLMInferenceService LLMInferenceServiceConfig', 'serve', {
    podSpecs: [
      'spec.template',
      'spec.worker',
      'spec.prefill.template',
      'spec.prefill.worker',
      'spec.router.scheduler.template',
      'spec.router.scheduler.tokenizer.template'
    ],
    models: ['spec.model.uri'],
    opaque: ['spec.baseRefs', 'spec.model.lora']
  }),
  ...kinds('serving.kserve.io', 'TrainedModel', 'serve', { models: ['spec.model.storageUri'] }),
  ...kinds('serving.kserve.io', 'LocalModelCache', 'serve', {
    scope: 'cluster',
    models: ['spec.sourceModelUri']
  }),
  ...kinds('ray.io', 'RayCluster', 'run', ray('spec')),
  ...kinds('ray.io', 'RayJob', 'train', {
    ...ray('spec.rayClusterSpec'),
    podSpecs: [...(ray('spec.rayClusterSpec').podSpecs ?? []), 'spec.submitterPodTemplate.spec'],
    opaque: ['spec.runtimeEnvYAML', 'spec.entrypoint', 'spec.clusterSelector']
  }),
  ...kinds('ray.io', 'RayCronJob', 'train', {
    ...ray('spec.jobTemplate.rayClusterSpec'),
    opaque: ['spec.jobTemplate.runtimeEnvYAML', 'spec.jobTemplate.entrypoint']
  }),
  ...kinds('ray.io', 'RayService', 'serve', {
    ...ray('spec.rayClusterConfig'),
    opaque: ['spec.serveConfigV2']
  }),
  ...kinds('machinelearning.seldon.io', 'SeldonDeployment', 'serve', {
    podSpecs: ['spec.predictors[].componentSpecs[].spec'],
    containers: ['spec.predictors[].explainer.containerSpec'],
    models: ['spec.predictors[].graph~children.modelUri', 'spec.predictors[].explainer.modelUri']
  }),
  ...kinds('mlops.seldon.io', 'Model', 'serve', { models: ['spec.storageUri'] }),
  ...kinds('mlops.seldon.io', 'Server ServerConfig', 'serve', { podSpecs: ['spec.podSpec'] }),
  ...kinds('mlops.seldon.io', 'SeldonRuntime', 'serve', { podSpecs: ['spec.overrides[].podSpec'] }),
  ...kinds('pipelines.kubeflow.org', 'PipelineVersion', 'pipeline', {
    containers: ['spec.pipelineSpec.deploymentSpec.executors{}.container'],
    opaque: ['spec.platformSpec']
  })
]
