import type { JsonValue } from '../../common/json.ts'

type Defaults = Readonly<Record<string, JsonValue>>

/** Puts a path before each of the paths. */
function under(path: string, defaults: Defaults): Defaults {
  return Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [`${path}.${key}`, value])
  )
}

const workerGroups = (spec: string): Defaults =>
  under(`${spec}.workerGroupSpecs`, {
    maxReplicas: 2_147_483_647,
    minReplicas: 0,
    numOfHosts: 1,
    replicas: 0
  })

const trainingRuntime: Defaults = under('spec', {
  'mlPolicy.mpi.mpiImplementation': 'OpenMPI',
  'mlPolicy.mpi.numProcPerNode': 1,
  'mlPolicy.mpi.runLauncherAsNode': false,
  'mlPolicy.mpi.sshAuthMountPath': '/root/.ssh',
  'mlPolicy.torch.numProcPerNode': 'auto',
  'podGroupPolicy.coscheduling.scheduleTimeoutSeconds': 60,
  'template.spec.failurePolicy.restartStrategy': 'Recreate',
  'template.spec.replicatedJobs.replicas': 1
})

const runPolicy: Defaults = { 'spec.runPolicy.suspend': false }

const analysis: Defaults = under('spec.metrics.provider.datadog', {
  apiVersion: 'v1',
  interval: '5m'
})

const anyPath = { path: { type: 'PathPrefix', value: '/' } }
const filters: Defaults = under('filters', {
  'requestMirror.backendRef.kind': 'Service',
  'requestMirror.fraction.denominator': 100,
  'requestRedirect.statusCode': 302
})
const llmInferenceService: Defaults = {
  ...under('spec.router.route.http.spec', {
    'parentRefs.group': 'gateway.networking.k8s.io',
    'parentRefs.kind': 'Gateway',
    rules: [{ matches: [anyPath] }],
    ...under('rules', {
      'backendRefs.kind': 'Service',
      'backendRefs.weight': 1,
      ...under('backendRefs', filters),
      ...filters,
      matches: [anyPath],
      'matches.path': anyPath.path,
      'matches.path.type': 'PathPrefix',
      'matches.path.value': '/',
      'matches.headers.type': 'Exact',
      'matches.queryParams.type': 'Exact',
      'sessionPersistence.type': 'Cookie',
      'sessionPersistence.cookieConfig.lifetimeType': 'Session'
    })
  }),
  ...under('spec.router.scheduler.pool.spec.extensionRef', {
    failureMode: 'FailClose',
    kind: 'Service'
  })
}

/**
 * Defaults that CRDs declare, by `GROUP/KIND` and then by path without indices. The CRDs in the projects' Go
 * modules are the source; `test/evidence/binding/known-defaults.test.ts` compares them.
 */
export const customDefaults: Readonly<Record<string, Defaults>> = {
  'apps.kruise.io/SidecarSet': { 'spec.injectionStrategy.revision.policy': 'Always' },
  'argoproj.io/AnalysisRun': analysis,
  'argoproj.io/AnalysisTemplate': analysis,
  'argoproj.io/ClusterAnalysisTemplate': analysis,
  'jobset.x-k8s.io/JobSet': {
    'spec.failurePolicy.restartStrategy': 'Recreate',
    'spec.replicatedJobs.replicas': 1
  },
  'kubeflow.org/JAXJob': runPolicy,
  'kubeflow.org/MPIJob': runPolicy,
  'kubeflow.org/PaddleJob': runPolicy,
  'kubeflow.org/PyTorchJob': runPolicy,
  'kubeflow.org/TFJob': runPolicy,
  'kubeflow.org/XGBoostJob': runPolicy,
  'leaderworkerset.x-k8s.io/LeaderWorkerSet': under('spec', {
    replicas: 1,
    startupPolicy: 'LeaderCreated',
    'leaderWorkerTemplate.restartPolicy': 'RecreateGroupOnPodRestart',
    'leaderWorkerTemplate.size': 1,
    'leaderWorkerTemplate.subGroupPolicy.subGroupPolicyType': 'LeaderWorker',
    'rolloutStrategy.type': 'RollingUpdate',
    'rolloutStrategy.rollingUpdateConfiguration.maxSurge': 0,
    'rolloutStrategy.rollingUpdateConfiguration.maxUnavailable': 1
  }),
  'ray.io/RayCluster': workerGroups('spec'),
  'ray.io/RayJob': {
    ...workerGroups('spec.rayClusterSpec'),
    ...under('spec', { backoffLimit: 0, submissionMode: 'K8sJobMode', ttlSecondsAfterFinished: 0 })
  },
  'ray.io/RayService': workerGroups('spec.rayClusterConfig'),
  'serving.kserve.io/ClusterStorageContainer': {
    'spec.supportsMultiModelDownload': false,
    'spec.workloadType': 'initContainer'
  },
  'serving.kserve.io/InferenceService': {
    'spec.explainer.storageUris.mountPath': '/mnt/models',
    'spec.predictor.storageUris.mountPath': '/mnt/models',
    'spec.transformer.storageUris.mountPath': '/mnt/models'
  },
  'serving.kserve.io/LLMInferenceService': llmInferenceService,
  'serving.kserve.io/LLMInferenceServiceConfig': llmInferenceService,
  'trainer.kubeflow.org/ClusterTrainingRuntime': trainingRuntime,
  'trainer.kubeflow.org/TrainingRuntime': trainingRuntime,
  'trainer.kubeflow.org/TrainJob': under('spec', {
    managedBy: 'trainer.kubeflow.org/trainjob-controller',
    'runtimeRef.apiGroup': 'trainer.kubeflow.org',
    'runtimeRef.kind': 'ClusterTrainingRuntime',
    suspend: false
  })
}

/** Defaults of a pod's parts in CRDs that embed them, by the member that holds the value. */
export const embeddedDefaults: Readonly<Record<string, Defaults>> = {
  ports: { protocol: 'TCP' },
  azureDisk: { fsType: 'ext4', readOnly: false },
  iscsi: { iscsiInterface: 'default' },
  rbd: { keyring: '/etc/ceph/keyring', pool: 'rbd', user: 'admin' },
  scaleIO: { fsType: 'xfs', storageMode: 'ThinProvisioned' }
}
