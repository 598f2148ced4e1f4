import type { OpaquePlace, WorkloadKind, WorkloadPlaces, WorkloadRole } from './kind.ts'

/**
 * The kinds that carry ML work, and every kind of Kubernetes that runs containers.
 *
 * Sources: the CRDs of KServe, KubeRay, Argo Workflows, Kubeflow Trainer and Training Operator 1.9,
 * Kubeflow Pipelines, Tekton Pipelines, Seldon Core 1 and 2, and the Kubernetes API.
 */
export const workloadTable: readonly WorkloadKind[] = [
  ...namespaced('', 'run', {
    Pod: { podSpecs: ['spec'] },
    ReplicationController: { podSpecs: ['spec.template.spec'] }
  }),
  ...namespaced('apps', 'run', {
    Deployment: { podSpecs: ['spec.template.spec'] },
    StatefulSet: { podSpecs: ['spec.template.spec'] },
    DaemonSet: { podSpecs: ['spec.template.spec'] },
    ReplicaSet: { podSpecs: ['spec.template.spec'] }
  }),
  ...namespaced('batch', 'run', {
    Job: { podSpecs: ['spec.template.spec'] },
    CronJob: { podSpecs: ['spec.jobTemplate.spec.template.spec'] }
  }),
  ...namespaced('jobset.x-k8s.io', 'run', {
    JobSet: { podSpecs: ['spec.replicatedJobs[].template.spec.template.spec'] }
  }),
  ...namespaced('serving.knative.dev', 'run', {
    Service: { podSpecs: ['spec.template.spec'] },
    Configuration: { podSpecs: ['spec.template.spec'] },
    Revision: { podSpecs: ['spec'] }
  }),
  ...namespaced('argoproj.io', 'run', { Rollout: { podSpecs: ['spec.template.spec'] } }),

  ...namespaced('kubeflow.org', 'train', {
    TFJob: { podSpecs: ['spec.tfReplicaSpecs{}.template.spec'] },
    PyTorchJob: { podSpecs: ['spec.pytorchReplicaSpecs{}.template.spec'] },
    XGBoostJob: { podSpecs: ['spec.xgbReplicaSpecs{}.template.spec'] },
    MPIJob: { podSpecs: ['spec.mpiReplicaSpecs{}.template.spec'] },
    MXJob: { podSpecs: ['spec.mxReplicaSpecs{}.template.spec'] },
    PaddleJob: { podSpecs: ['spec.paddleReplicaSpecs{}.template.spec'] },
    JAXJob: { podSpecs: ['spec.jaxReplicaSpecs{}.template.spec'] }
  }),
  ...namespaced('trainer.kubeflow.org', 'train', {
    TrainJob: trainJob('spec'),
    TrainingRuntime: trainingRuntime(),
    OptimizationJob: trainJob('spec.trainJobTemplate.spec')
  }),
  clusterWide('trainer.kubeflow.org/ClusterTrainingRuntime', 'train', trainingRuntime()),

  ...namespaced('ray.io', 'train', {
    RayJob: rayJob('spec'),
    RayCronJob: rayJob('spec.jobTemplate')
  }),
  ...namespaced('ray.io', 'run', { RayCluster: rayCluster('spec') }),
  ...namespaced('ray.io', 'serve', {
    RayService: {
      ...rayCluster('spec.rayClusterConfig'),
      opaque: [text('spec.serveConfigV2', 'holds a runtime environment and code locations')]
    }
  }),

  ...namespaced('serving.kserve.io', 'serve', {
    InferenceService: inferenceService('spec.(predictor|transformer|explainer|canary[].predictor)'),
    ServingRuntime: { podSpecs: ['spec', 'spec.workerSpec'] },
    LLMInferenceService: llmInferenceService(),
    LLMInferenceServiceConfig: llmInferenceService(),
    TrainedModel: { models: ['spec.model.storageUri'] },
    LocalModelNamespaceCache: { models: ['spec.sourceModelUri'] }
  }),
  clusterWide('serving.kserve.io/ClusterServingRuntime', 'serve', {
    podSpecs: ['spec', 'spec.workerSpec']
  }),
  clusterWide('serving.kserve.io/ClusterStorageContainer', 'serve', {
    containers: ['spec.container']
  }),
  clusterWide('serving.kserve.io/LocalModelCache', 'serve', { models: ['spec.sourceModelUri'] }),

  ...namespaced('machinelearning.seldon.io', 'serve', { SeldonDeployment: seldonDeployment() }),
  ...namespaced('mlops.seldon.io', 'serve', {
    Model: { models: ['spec.storageUri'] },
    Server: {
      podSpecs: ['spec.podSpec'],
      containers: ['spec.imageOverrides.(agent|rclone)'],
      opaque: [local('spec.serverConfig', 'names a ServerConfig that brings the containers')]
    },
    ServerConfig: { podSpecs: ['spec.podSpec'] },
    SeldonRuntime: {
      podSpecs: ['spec.overrides[].podSpec'],
      opaque: [local('spec.seldonConfig', 'names a SeldonConfig that brings the containers')]
    },
    SeldonConfig: { podSpecs: ['spec.components[].podSpec'] }
  }),

  ...namespaced('argoproj.io', 'pipeline', {
    Workflow: argoWorkflow('spec'),
    WorkflowTemplate: argoWorkflow('spec'),
    CronWorkflow: argoWorkflow('spec.workflowSpec')
  }),
  clusterWide('argoproj.io/ClusterWorkflowTemplate', 'pipeline', argoWorkflow('spec')),
  ...namespaced('kubeflow.org', 'pipeline', { ScheduledWorkflow: scheduledWorkflow() }),
  ...namespaced('pipelines.kubeflow.org', 'pipeline', { PipelineVersion: pipelineVersion() }),

  ...namespaced('tekton.dev', 'pipeline', {
    Task: tektonTask('spec'),
    TaskRun: tektonTaskRun(),
    Pipeline: tektonPipeline('spec'),
    PipelineRun: tektonPipelineRun(),
    StepAction: { containers: ['spec'] },
    CustomRun: {
      opaque: [
        object('spec.customSpec', 'belongs to a custom task'),
        ...tektonRef('spec.customRef')
      ]
    }
  }),
  clusterWide('tekton.dev/ClusterTask', 'pipeline', tektonTask('spec'))
]

/** The kinds of the table in its order, for the documentation. */
export function workloadKinds(): readonly Pick<
  WorkloadKind,
  'group' | 'kind' | 'role' | 'scope'
>[] {
  return workloadTable.map(({ group, kind, role, scope }) => ({ group, kind, role, scope }))
}

function namespaced(
  group: string,
  role: WorkloadRole,
  kinds: Readonly<Record<string, WorkloadPlaces>>
): WorkloadKind[] {
  return Object.entries(kinds).map(([kind, places]) => {
    return { group, kind, role, scope: 'namespaced', ...places }
  })
}

function clusterWide(
  groupAndKind: `${string}/${string}`,
  role: WorkloadRole,
  places: WorkloadPlaces
): WorkloadKind {
  const [group = '', kind = ''] = groupAndKind.split('/')
  return { group, kind, role, scope: 'cluster', ...places }
}

function text(path: string, reason: string): OpaquePlace {
  return { path, kind: 'text', reason }
}

function object(path: string, reason: string): OpaquePlace {
  return { path, kind: 'object', reason }
}

function local(path: string, reason: string): OpaquePlace {
  return { path, kind: 'local', reason }
}

function remote(path: string, reason: string): OpaquePlace {
  return { path, kind: 'remote', reason }
}

/** The pods of a Kubeflow Trainer runtime, and the patches of a TrainJob to them. */
const jobSetPods = 'template.spec.replicatedJobs[].template.spec.template.spec'

function trainingRuntime(): WorkloadPlaces {
  return { podSpecs: [`spec.${jobSetPods}`] }
}

function trainJob(spec: string): WorkloadPlaces {
  return {
    podSpecs: [
      `${spec}.runtimePatches[].trainingRuntimeSpec.${jobSetPods}`,
      `${spec}.podTemplateOverrides[].spec`
    ],
    containers: [`${spec}.trainer`],
    models: [`${spec}.initializer.model.storageUri`],
    opaque: [local(`${spec}.runtimeRef`, 'names a runtime that brings the containers')]
  }
}

function rayCluster(spec: string): WorkloadPlaces {
  return {
    podSpecs: [`${spec}.(headGroupSpec|workerGroupSpecs[]).template.spec`],
    containers: [`${spec}.(autoscalerOptions|historyServerOptions.collectorOptions)`]
  }
}

function rayJob(spec: string): WorkloadPlaces {
  const { podSpecs = [], containers = [] } = rayCluster(`${spec}.rayClusterSpec`)
  return {
    podSpecs: [...podSpecs, `${spec}.submitterPodTemplate.spec`],
    containers,
    opaque: [
      text(`${spec}.runtimeEnvYAML`, 'holds a runtime environment and code locations'),
      local(`${spec}.clusterSelector`, 'selects a RayCluster that brings the containers')
    ]
  }
}

/** `model`, and the keys by framework that came before it; KServe still accepts them. */
const inferenceServers =
  '(model|huggingface|lightgbm|mlflow|onnx|paddle|pmml|pytorch|sklearn|tensorflow|triton|xgboost' +
  '|alibi|aix|art)'

function inferenceService(component: string): WorkloadPlaces {
  const server = `${component}.${inferenceServers}`
  return {
    podSpecs: [component, `${component}.workerSpec`],
    containers: [server],
    models: [`${server}.(storageUri|storageUris[].uri)`, `${component}.storageUris[].uri`],
    opaque: [
      local(`${server}.runtime`, 'names a runtime that brings the container'),
      local(`${server}.storage`, 'names a location by a key in a secret')
    ]
  }
}

function llmInferenceService(): WorkloadPlaces {
  return {
    podSpecs: [
      'spec.(template|worker|prefill.(template|worker))',
      'spec.router.scheduler.(template|tokenizer.template)'
    ],
    models: ['spec.model(.lora.adapters[])*.uri'],
    opaque: [local('spec.baseRefs', 'names configurations that bring containers and models')]
  }
}

function seldonDeployment(): WorkloadPlaces {
  const unit = 'spec.predictors[].graph(.children[])*'
  const explainer = 'spec.predictors[].explainer'
  return {
    podSpecs: ['spec.predictors[].componentSpecs[].spec'],
    containers: [`${explainer}.containerSpec`],
    images: [`${unit}.storageInitializerImage`, `${explainer}.storageInitializerImage`],
    models: [`${unit}.modelUri`, `${explainer}.modelUri`]
  }
}

function argoWorkflow(spec: string): WorkloadPlaces {
  const template = `${spec}.(templates[]|templateDefaults)((.steps[][]|.dag.tasks[]).inline)*`
  const task = `${template}.(steps[][]|dag.tasks[])`
  return {
    containers: [
      `${template}.(container|script|containerSet.containers[]|initContainers[]|sidecars[])`,
      `${spec}.executorPlugins[].spec.sidecar.container`
    ],
    volumes: [`${spec}.volumes`, `${template}.volumes`],
    opaque: [
      text(`(${spec}|${spec}.artifactGC|${template}).podSpecPatch`, 'patches the pods as text'),
      text(`${template}.resource.manifest`, 'holds a manifest as text'),
      remote(`${template}.resource.manifestFrom`, 'takes a manifest from an artifact'),
      object(`${template}.plugin`, 'is run by an executor plugin'),
      local(`(${task}|${task}.hooks{}|${spec}.hooks{}).templateRef`, 'names a workflow template'),
      local(`${spec}.workflowTemplateRef`, 'names a workflow template')
    ]
  }
}

function scheduledWorkflow(): WorkloadPlaces {
  const { opaque = [], ...places } = argoWorkflow('spec.workflow.spec')
  return {
    ...places,
    opaque: [
      ...opaque,
      { ...text('spec.workflow.spec', 'holds a workflow as text'), onlyText: true },
      remote(
        'spec.pipelineVersionId',
        'names a version that Kubeflow Pipelines compiles at run time'
      )
    ]
  }
}

function pipelineVersion(): WorkloadPlaces {
  const executor = 'spec.pipelineSpec.deploymentSpec.executors{}'
  return {
    containers: [`${executor}.container`],
    opaque: [
      object(`${executor}.importer`, 'imports an artifact that may be a model'),
      object(`${executor}.customJob`, 'is a job of another platform'),
      object('spec.platformSpec', 'configures the pods'),
      remote('spec.pipelineSpecURI', 'names a pipeline by its location')
    ]
  }
}

/** A reference of Tekton: by name in the cluster, or by a resolver or bundle from elsewhere. */
function tektonRef(ref: string): OpaquePlace[] {
  return [
    local(`${ref}.name`, 'names an object that brings the steps'),
    remote(`${ref}.(resolver|bundle)`, 'fetches the steps at run time')
  ]
}

function tektonTask(task: string): WorkloadPlaces {
  return {
    containers: [`${task}.(stepTemplate|steps[]|sidecars[])`],
    volumes: [`${task}.volumes`],
    opaque: tektonRef(`${task}.steps[].ref`)
  }
}

function tektonTaskRun(): WorkloadPlaces {
  const { containers = [], volumes = [], opaque = [] } = tektonTask('spec.taskSpec')
  return {
    containers,
    volumes: [...volumes, 'spec.podTemplate.volumes'],
    opaque: [...opaque, ...tektonRef('spec.taskRef')]
  }
}

function tektonPipeline(pipeline: string): WorkloadPlaces {
  const task = `${pipeline}(.(tasks|finally)[].pipelineSpec)*.(tasks|finally)[]`
  const { containers = [], volumes = [], opaque = [] } = tektonTask(`${task}.taskSpec`)
  return {
    containers,
    volumes,
    opaque: [
      ...opaque,
      object(`${task}.taskSpec.spec`, 'belongs to a custom task'),
      ...tektonRef(`${task}.(taskRef|pipelineRef)`)
    ]
  }
}

function tektonPipelineRun(): WorkloadPlaces {
  const { containers = [], volumes = [], opaque = [] } = tektonPipeline('spec.pipelineSpec')
  return {
    containers,
    volumes: [
      ...volumes,
      'spec.(podTemplate|taskRunTemplate.podTemplate).volumes',
      'spec.taskRunSpecs[].(podTemplate|taskPodTemplate).volumes'
    ],
    opaque: [...opaque, ...tektonRef('spec.pipelineRef')]
  }
}
