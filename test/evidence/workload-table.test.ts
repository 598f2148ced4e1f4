import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
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
    'sparkoperator.k8s.io': 'SparkApplication ScheduledSparkApplication SparkConnect',
    'apps.kruise.io':
      'CloneSet StatefulSet DaemonSet BroadcastJob AdvancedCronJob UnitedDeployment WorkloadSpread EphemeralJob ImagePullJob ImageListPullJob SidecarSet',
    'argoproj.io': 'AnalysisTemplate AnalysisRun ClusterAnalysisTemplate',
    'kubeflow.org': 'Notebook PodDefault',
    'ray.io': 'RayCluster'
  })
  t.same(groupsOf('train'), {
    batch: 'Job CronJob',
    'jobset.x-k8s.io': 'JobSet',
    'batch.volcano.sh': 'Job CronJob',
    'flow.volcano.sh': 'JobTemplate JobFlow',
    'kubeflow.org': 'TFJob PyTorchJob XGBoostJob MPIJob MXJob PaddleJob JAXJob Experiment Trial',
    'trainer.kubeflow.org': 'TrainJob TrainingRuntime OptimizationJob ClusterTrainingRuntime',
    'ray.io': 'RayJob RayCronJob'
  })
  t.same(groupsOf('serve'), {
    'leaderworkerset.x-k8s.io': 'LeaderWorkerSet',
    'disaggregatedset.x-k8s.io': 'DisaggregatedSet',
    'serving.knative.dev': 'Service Configuration Revision',
    'argoproj.io': 'Rollout Experiment',
    'ray.io': 'RayService',
    'serving.kserve.io':
      'InferenceService ServingRuntime LLMInferenceService LLMInferenceServiceConfig InferenceGraph TrainedModel LocalModelNamespaceCache Predictor ClusterServingRuntime ClusterStorageContainer LocalModelCache',
    'machinelearning.seldon.io': 'SeldonDeployment',
    'mlops.seldon.io': 'Model Server ServerConfig SeldonRuntime SeldonConfig'
  })
  t.same(groupsOf('pipeline'), {
    'argoproj.io': 'Workflow WorkflowTemplate CronWorkflow ClusterWorkflowTemplate',
    'kubeflow.org': 'ScheduledWorkflow',
    'pipelines.kubeflow.org': 'PipelineVersion',
    'tekton.dev': 'Task TaskRun Pipeline PipelineRun StepAction Run CustomRun ClusterTask'
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

t.test('kinds whose status is run', t => {
  const running = workloadTable.filter(({ status }) => status !== undefined)
  t.same(
    running.map(({ group, kind, status }) => [
      `${group}/${kind}`,
      status?.resource,
      status?.members
    ]),
    [
      [
        'argoproj.io/Workflow',
        'workflows',
        ['storedWorkflowTemplateSpec', 'storedTemplates', 'persistentVolumeClaims']
      ],
      ['tekton.dev/TaskRun', 'taskruns', ['taskSpec']],
      ['tekton.dev/PipelineRun', 'pipelineruns', ['pipelineSpec']]
    ]
  )
  t.end()
})

t.test('what the status had already is not reported again', t => {
  const run = (image: string, podName: string) => ({
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    spec: { taskRef: { name: 'x' } },
    status: { podName, taskSpec: { steps: [{ image }] } }
  })
  const images = (object: JsonObject, admitted?: JsonObject) =>
    inspectWorkload(object, admitted)?.images.map(({ value }) => value)
  t.same(images(run('a', 'p')), ['a'])
  t.same(images(run('a', 'p'), run('a', 'q')), [])
  t.same(images(run('a', 'p'), run('b', 'p')), ['a'])
  t.same(images(run('a', 'p'), { ...run('a', 'p'), status: null }), ['a'])
  t.end()
})

t.test('reasons of opaque fields, as a denial shows them', t => {
  const places = workloadTable.flatMap(({ opaque = [] }) => opaque)
  const reasons = (kind: string) => [
    ...new Set(places.filter(place => place.kind === kind).map(({ reason }) => reason))
  ]
  t.same(reasons('text'), [
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
  t.same(reasons('code'), ['is a command that can load a model'])
  t.same(reasons('local'), [
    'names a JobTemplate that provides the containers',
    'names a workload that provides the containers',
    'names an analysis that may run jobs',
    'is a job that is judged when Katib creates it',
    'names a template of jobs that Katib creates',
    'names a runtime that provides the containers',
    'selects a RayCluster that provides the containers',
    'names a runtime that provides the container',
    'names a location by a key in a secret',
    'names a container that downloads the model',
    'names configurations that provide containers and models',
    'names a service that answers',
    'names a ServerConfig that provides the containers',
    'names a SeldonConfig that provides the containers',
    'names a workflow template',
    'names where artifacts without a location are',
    'names an object that provides the steps'
  ])
  t.same(reasons('remote'), [
    'is code that is fetched at run time',
    'names packages and files that are fetched at run time',
    'is code of every pod',
    'names code that is fetched at run time',
    'is run by a plugin of the controller',
    'sends requests to a URL',
    'reads a manifest from an artifact',
    'names a version that Kubeflow Pipelines compiles at run time',
    'names a pipeline by its URI'
  ])
  t.same(
    [...new Set(places.map(({ remote }) => remote?.reason))],
    [undefined, 'fetches the steps at run time'],
    'references that reach outside of the cluster'
  )
  t.same(reasons('bound'), [
    'decides what the application does',
    'names settings of what runs',
    'configures what runs',
    'chooses a container of Katib',
    'decides what the selected pods run',
    'becomes a command',
    'decides where the model is downloaded from',
    'chooses the explainer and what it loads',
    'chooses a runtime that provides the container',
    'chooses the tag of the image of the runtime',
    'adds a container of KServe',
    'chooses the server',
    'chooses the server and what it loads',
    'sends requests to a host',
    'decides what the server loads',
    'chooses the version of the model',
    'decides where models are downloaded from',
    'decides what kubectl does',
    'chooses the controller of a custom task'
  ])
  t.end()
})
