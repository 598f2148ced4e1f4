import type { WorkloadKind } from './kind.ts'
import { kruiseKinds } from './kruise-kinds.ts'
import { bound, local, object, remote } from './opaque-place.ts'
import { analysis, rollout, rolloutExperiment } from './rollout-places.ts'
import { clusterWide, namespaced } from './row.ts'
import {
  cachedModel,
  inferenceService,
  llmInferenceService,
  modelMeshPredictor,
  seldonDeployment,
  seldonModel,
  servingRuntime
} from './serving-places.ts'
import { sparkApplication, sparkConnect } from './spark-places.ts'
import {
  tektonPipeline,
  tektonPipelineRun,
  tektonRef,
  tektonTask,
  tektonTaskRun
} from './tekton-places.ts'
import {
  katibExperiment,
  katibTrial,
  podDefault,
  rayCluster,
  rayJob,
  rayService,
  trainJob,
  trainingRuntime
} from './training-places.ts'
import {
  argoWorkflow,
  pipelineVersion,
  runningWorkflow,
  scheduledWorkflow
} from './workflow-places.ts'

/**
 * The kinds that run ML work, and every Kubernetes kind that runs containers.
 *
 * Sources: the CRDs of KServe, KubeRay, Argo Workflows, Kubeflow Trainer and Training Operator 1.9,
 * Kubeflow Pipelines, Katib and notebooks, Tekton Pipelines, Seldon Core 1 and 2, JobSet, LeaderWorkerSet,
 * Volcano, Knative Serving, Argo Rollouts, OpenKruise, the Spark operator, and the Kubernetes API.
 */
export const workloadTable: readonly WorkloadKind[] = [
  ...namespaced('', 'run', {
    Pod: { podSpecs: ['spec'] },
    PodTemplate: { podSpecs: ['template.spec'] },
    ReplicationController: { podSpecs: ['spec.template.spec'] }
  }),
  ...namespaced('apps', 'run', {
    Deployment: { podSpecs: ['spec.template.spec'] },
    StatefulSet: { podSpecs: ['spec.template.spec'] },
    DaemonSet: { podSpecs: ['spec.template.spec'] },
    ReplicaSet: { podSpecs: ['spec.template.spec'] },
    // Whoever can write one defines pods: the StatefulSet creates them from its data.
    ControllerRevision: { podSpecs: ['data.spec.template.spec'] }
  }),
  ...namespaced('batch', 'train', {
    Job: { podSpecs: ['spec.template.spec'] },
    CronJob: { podSpecs: ['spec.jobTemplate.spec.template.spec'] }
  }),
  ...namespaced('jobset.x-k8s.io', 'train', {
    JobSet: { podSpecs: ['spec.replicatedJobs[].template.spec.template.spec'] }
  }),
  ...namespaced('leaderworkerset.x-k8s.io', 'serve', {
    LeaderWorkerSet: {
      podSpecs: ['spec.leaderWorkerTemplate.(leaderTemplate|workerTemplate).spec']
    }
  }),
  ...namespaced('disaggregatedset.x-k8s.io', 'serve', {
    DisaggregatedSet: {
      podSpecs: ['spec.roles[].spec.leaderWorkerTemplate.(leaderTemplate|workerTemplate).spec']
    }
  }),
  ...namespaced('batch.volcano.sh', 'train', {
    Job: { podSpecs: ['spec.tasks[].template.spec'] },
    CronJob: { podSpecs: ['spec.jobTemplate.spec.tasks[].template.spec'] }
  }),
  ...namespaced('flow.volcano.sh', 'train', {
    JobTemplate: { podSpecs: ['spec.tasks[].template.spec'] },
    JobFlow: {
      podSpecs: ['spec.flows[].patch.jobSpec.tasks[].template.spec'],
      opaque: [local('spec.flows[].name', 'names a JobTemplate that provides the containers')]
    }
  }),
  ...namespaced('sparkoperator.k8s.io', 'run', {
    SparkApplication: sparkApplication('spec'),
    ScheduledSparkApplication: sparkApplication('spec.template'),
    SparkConnect: sparkConnect()
  }),
  ...kruiseKinds,
  ...namespaced('serving.knative.dev', 'serve', {
    Service: { podSpecs: ['spec.template.spec'] },
    Configuration: { podSpecs: ['spec.template.spec'] },
    Revision: { podSpecs: ['spec'] }
  }),
  ...namespaced('argoproj.io', 'serve', {
    Rollout: rollout(),
    Experiment: rolloutExperiment()
  }),
  ...namespaced('argoproj.io', 'run', {
    AnalysisTemplate: analysis(),
    AnalysisRun: analysis()
  }),
  clusterWide('argoproj.io/ClusterAnalysisTemplate', 'run', analysis()),

  ...namespaced('kubeflow.org', 'train', {
    TFJob: { podSpecs: ['spec.tfReplicaSpecs{}.template.spec'] },
    PyTorchJob: { podSpecs: ['spec.pytorchReplicaSpecs{}.template.spec'] },
    XGBoostJob: { podSpecs: ['spec.xgbReplicaSpecs{}.template.spec'] },
    MPIJob: { podSpecs: ['spec.mpiReplicaSpecs{}.template.spec'] },
    MXJob: { podSpecs: ['spec.mxReplicaSpecs{}.template.spec'] },
    PaddleJob: { podSpecs: ['spec.paddleReplicaSpecs{}.template.spec'] },
    JAXJob: { podSpecs: ['spec.jaxReplicaSpecs{}.template.spec'] },
    Experiment: katibExperiment(),
    Trial: katibTrial()
  }),
  ...namespaced('kubeflow.org', 'run', {
    Notebook: { podSpecs: ['spec.template.spec'] },
    PodDefault: podDefault()
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
    RayService: rayService()
  }),

  ...namespaced('serving.kserve.io', 'serve', {
    InferenceService: inferenceService('spec.(predictor|canary[].predictor|transformer|explainer)'),
    ServingRuntime: servingRuntime(),
    LLMInferenceService: llmInferenceService(),
    LLMInferenceServiceConfig: llmInferenceService(),
    InferenceGraph: {
      opaque: [
        remote('spec.nodes{}.steps[].serviceUrl', 'sends requests to a URL'),
        local('spec.nodes{}.steps[].serviceName', 'names a service that answers')
      ]
    },
    TrainedModel: {
      models: ['spec.model.storageUri'],
      opaque: [bound('spec.(inferenceService|model.framework)', 'chooses the server')]
    },
    LocalModelNamespaceCache: cachedModel(),
    Predictor: modelMeshPredictor()
  }),
  clusterWide('serving.kserve.io/ClusterServingRuntime', 'serve', servingRuntime()),
  clusterWide('serving.kserve.io/ClusterStorageContainer', 'serve', {
    containers: ['spec.container']
  }),
  clusterWide('serving.kserve.io/LocalModelCache', 'serve', cachedModel()),

  ...namespaced('machinelearning.seldon.io', 'serve', { SeldonDeployment: seldonDeployment() }),
  ...namespaced('mlops.seldon.io', 'serve', {
    Model: seldonModel(),
    Server: {
      podSpecs: ['spec.podSpec'],
      containers: ['spec.imageOverrides.(agent|rclone)'],
      opaque: [local('spec.serverConfig', 'names a ServerConfig that provides the containers')]
    },
    ServerConfig: { podSpecs: ['spec.podSpec'] },
    SeldonRuntime: {
      podSpecs: ['spec.overrides[].podSpec'],
      opaque: [
        local('spec.seldonConfig', 'names a SeldonConfig that provides the containers'),
        bound('spec.config', 'decides where models are downloaded from')
      ]
    },
    SeldonConfig: {
      podSpecs: ['spec.components[].podSpec'],
      opaque: [bound('spec.config', 'decides where models are downloaded from')]
    }
  }),

  ...namespaced('argoproj.io', 'pipeline', {
    Workflow: runningWorkflow(),
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
    Run: {
      opaque: [object('spec.spec', 'belongs to a custom task'), tektonRef('spec.ref')]
    },
    CustomRun: {
      opaque: [object('spec.customSpec', 'belongs to a custom task'), tektonRef('spec.customRef')]
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
