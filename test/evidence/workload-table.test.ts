import t from 'tap'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { workloadKinds, workloadTable } from '../../evidence/workload/table.ts'

t.test('roles are those that policies select by', t => {
  const rows = workloadKinds()
  t.equal(new Set(rows.map(({ group, kind }) => `${group}/${kind}`)).size, rows.length)
  const kindsOf = (role: string, group: string) =>
    rows.filter(row => row.role === role && row.group === group).map(({ kind }) => kind)
  const groupsOf = (role: string) => {
    const groups = rows.filter(row => row.role === role).map(({ group }) => group)
    return Object.fromEntries(groups.map(group => [group, kindsOf(role, group).join(' ')]))
  }
  t.same(groupsOf('run'), {
    '': 'Pod PodTemplate ReplicationController',
    apps: 'Deployment StatefulSet DaemonSet ReplicaSet ControllerRevision',
    'sparkoperator.k8s.io': 'SparkApplication ScheduledSparkApplication',
    'apps.kruise.io':
      'CloneSet StatefulSet DaemonSet BroadcastJob AdvancedCronJob UnitedDeployment EphemeralJob ImagePullJob ImageListPullJob SidecarSet',
    'argoproj.io': 'AnalysisTemplate AnalysisRun ClusterAnalysisTemplate',
    'kubeflow.org': 'Notebook',
    'ray.io': 'RayCluster'
  })
  t.same(groupsOf('train'), {
    batch: 'Job CronJob',
    'jobset.x-k8s.io': 'JobSet',
    'batch.volcano.sh': 'Job',
    'flow.volcano.sh': 'JobTemplate',
    'kubeflow.org': 'TFJob PyTorchJob XGBoostJob MPIJob MXJob PaddleJob JAXJob Experiment Trial',
    'trainer.kubeflow.org': 'TrainJob TrainingRuntime OptimizationJob ClusterTrainingRuntime',
    'ray.io': 'RayJob RayCronJob'
  })
  t.same(groupsOf('serve'), {
    'leaderworkerset.x-k8s.io': 'LeaderWorkerSet',
    'serving.knative.dev': 'Service Configuration Revision',
    'argoproj.io': 'Rollout Experiment',
    'ray.io': 'RayService',
    'serving.kserve.io':
      'InferenceService ServingRuntime LLMInferenceService LLMInferenceServiceConfig InferenceGraph TrainedModel LocalModelNamespaceCache ClusterServingRuntime ClusterStorageContainer LocalModelCache',
    'machinelearning.seldon.io': 'SeldonDeployment',
    'mlops.seldon.io': 'Model Server ServerConfig SeldonRuntime SeldonConfig'
  })
  t.same(groupsOf('pipeline'), {
    'argoproj.io': 'Workflow WorkflowTemplate CronWorkflow ClusterWorkflowTemplate',
    'kubeflow.org': 'ScheduledWorkflow',
    'pipelines.kubeflow.org': 'PipelineVersion',
    'tekton.dev': 'Task TaskRun Pipeline PipelineRun StepAction CustomRun ClusterTask'
  })
  t.match(inspectWorkload({ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun' }), {
    role: 'pipeline',
    scope: 'namespaced',
    images: [],
    models: [],
    opaque: []
  })
  t.end()
})

t.test('cluster-scoped kinds', t => {
  t.same(
    workloadKinds()
      .filter(({ scope }) => scope === 'cluster')
      .map(({ kind }) => kind),
    [
      'SidecarSet',
      'ClusterAnalysisTemplate',
      'ClusterTrainingRuntime',
      'ClusterServingRuntime',
      'ClusterStorageContainer',
      'LocalModelCache',
      'ClusterWorkflowTemplate',
      'ClusterTask'
    ]
  )
  t.end()
})

t.test('reasons of opaque fields, as a denial shows them', t => {
  const places = workloadTable.flatMap(({ opaque = [] }) => opaque)
  const reasons = (kind: string) => [
    ...new Set(places.filter(place => place.kind === kind).map(({ reason }) => reason))
  ]
  t.same(reasons('text'), [
    'is a command that can load a model',
    'holds a runtime environment and code locations',
    'patches the pods as text',
    'holds a manifest as text',
    'holds a workflow as text'
  ])
  t.same(reasons('object'), [
    'is run by an executor plugin',
    'imports an artifact that may be a model',
    'is a job of another platform',
    'configures the pods',
    'belongs to a custom task'
  ])
  t.same(reasons('local'), [
    'names a workload that provides the containers',
    'names an analysis that may run jobs',
    'is a job that is judged when Katib creates it',
    'names a template of jobs that Katib creates',
    'names a runtime that provides the containers',
    'selects a RayCluster that provides the containers',
    'names a runtime that provides the container',
    'names a location by a key in a secret',
    'names configurations that provide containers and models',
    'names a ServerConfig that provides the containers',
    'names a SeldonConfig that provides the containers',
    'names a workflow template',
    'names an object that provides the steps'
  ])
  t.same(reasons('remote'), [
    'is code that is fetched at run time',
    'names packages and files that are fetched at run time',
    'sends requests to a URL',
    'reads a manifest from an artifact',
    'names a version that Kubeflow Pipelines compiles at run time',
    'names a pipeline by its URI',
    'fetches the steps at run time'
  ])
  t.end()
})
