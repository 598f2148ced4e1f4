/** A kind that the webhook reads: an owner of what an operator makes, or a template that an owner names. */
export interface OwnerKind {
  /** Empty for the core group. */
  readonly group: string
  readonly kind: string
  readonly plural: string
  /** The version to read where no reference gives one. */
  readonly version: string
}

/** Kinds by group, with the version of templates; plurals are regular. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  '/v1': ['Pod', 'ReplicationController'],
  'apps/v1': ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'],
  'batch/v1': ['Job', 'CronJob'],
  'tekton.dev/v1': ['PipelineRun', 'TaskRun', 'Pipeline', 'Task'],
  'tekton.dev/v1beta1': ['CustomRun', 'StepAction', 'ClusterTask'],
  'argoproj.io/v1alpha1': [
    'Workflow',
    'CronWorkflow',
    'WorkflowArtifactGCTask',
    'WorkflowTemplate',
    'ClusterWorkflowTemplate'
  ],
  'serving.kserve.io/v1beta1': ['InferenceService'],
  'serving.kserve.io/v1alpha1': [
    'LLMInferenceService',
    'LLMInferenceServiceConfig',
    'InferenceGraph',
    'ServingRuntime',
    'ClusterServingRuntime'
  ],
  'serving.knative.dev/v1': ['Service', 'Configuration', 'Revision'],
  'trainer.kubeflow.org/v1alpha1': ['TrainJob', 'TrainingRuntime', 'ClusterTrainingRuntime'],
  'jobset.x-k8s.io/v1alpha2': ['JobSet'],
  'leaderworkerset.x-k8s.io/v1': ['LeaderWorkerSet'],
  'disaggregatedset.x-k8s.io/v1': ['DisaggregatedSet'],
  'ray.io/v1': ['RayCluster', 'RayJob', 'RayService', 'RayCronJob'],
  'sparkoperator.k8s.io/v1beta2': ['SparkApplication', 'ScheduledSparkApplication'],
  'sparkoperator.k8s.io/v1alpha1': ['SparkConnect'],
  'batch.volcano.sh/v1alpha1': ['Job', 'CronJob'],
  'flow.volcano.sh/v1alpha1': ['JobFlow', 'JobTemplate'],
  'machinelearning.seldon.io/v1': ['SeldonDeployment'],
  'mlops.seldon.io/v1alpha1': ['Server', 'SeldonRuntime', 'ServerConfig', 'SeldonConfig']
}

const known = new Map<string, OwnerKind>(
  Object.entries(kinds).flatMap(([groupVersion, names]) => {
    const [group = '', version = ''] = groupVersion.split('/')
    return names.map(kind => {
      const plural = `${kind.toLowerCase()}s`
      return [`${group}/${kind}`, { group, kind, plural, version }] as const
    })
  })
)

/** Returns a kind that the webhook reads; undefined for any other. */
export function ownerKindOf(group: string, kind: string): OwnerKind | undefined {
  return known.get(`${group}/${kind}`)
}

/** Every kind that the webhook can be asked to read. */
export function ownerKinds(): readonly OwnerKind[] {
  return [...known.values()]
}
