import { isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { identify } from '../../evidence/identity.ts'
import { compilePath } from '../../evidence/workload/path.ts'
import type { Path } from '../../evidence/workload/path.ts'
import { walk } from '../../evidence/workload/walk.ts'
import { ownerKindOf } from './owner-kind.ts'
import type { OwnerKind } from './owner-kind.ts'

/** A template that an object takes what it runs from; without a name, any of the kind in its namespace. */
export interface TemplateReference {
  readonly kind: OwnerKind
  /** True for a kind without a namespace. */
  readonly isClusterWide: boolean
  /** True if the operator also looks in its own namespace. */
  readonly isShared: boolean
  readonly name: string | undefined
}

/** Where a kind names its templates, and what a value there means. */
interface Place {
  readonly path: Path
  readonly read: (value: JsonValue) => readonly (TemplateReference | undefined)[]
}

/**
 * Returns the templates that an object names: Tasks of Tekton, WorkflowTemplates of Argo, runtimes of
 * KServe and Kubeflow Trainer, job templates of Volcano, configurations of Seldon. Each is judged itself
 * when it is admitted. What is fetched from outside of the cluster is none.
 */
export function templatesOf(object: JsonObject): readonly TemplateReference[] {
  const { group, kind } = identify(object)
  const allowance = { steps: 20_000, ends: 500 }
  const found = new Map<string, TemplateReference>()
  for (const { path, read } of places.get(`${group}/${kind}`) ?? []) {
    for (const { value, obstacle } of walk(object, path, allowance)) {
      if (obstacle !== undefined) continue
      for (const reference of read(value)) {
        if (reference === undefined) continue
        found.set(
          `${reference.kind.group}/${reference.kind.kind}/${reference.name ?? ''}`,
          reference
        )
      }
    }
  }
  return [...found.values()]
}

/** KServe looks in its own namespace for what the one of the object does not have, Seldon only there. */
const sharedKinds: ReadonlySet<string> = new Set([
  'LLMInferenceServiceConfig',
  'ServerConfig',
  'SeldonConfig'
])

function template(group: string, kind: string, name: string | undefined, isClusterWide = false) {
  const known = ownerKindOf(group, kind)
  if (known === undefined) return undefined
  return { kind: known, isClusterWide, isShared: sharedKinds.has(kind), name }
}

/** A reference by `name` and `kind`; one that a resolver or a bundle fetches is not in the cluster. */
function tekton(kind: 'Pipeline' | 'Task' | 'StepAction') {
  return (ref: JsonValue) => {
    const name = stringMember(ref, 'name')
    const isRemote = ['resolver', 'bundle'].some(key => member(ref, key) !== undefined)
    if (name === undefined || isRemote) return []
    const isClusterTask = kind === 'Task' && stringMember(ref, 'kind') === 'ClusterTask'
    return [template('tekton.dev', isClusterTask ? 'ClusterTask' : kind, name, isClusterTask)]
  }
}

const workflowTemplate = (ref: JsonValue) => {
  const name = stringMember(ref, 'name')
  if (name === undefined) return []
  const isClusterWide = member(ref, 'clusterScope') === true
  const kind = isClusterWide ? 'ClusterWorkflowTemplate' : 'WorkflowTemplate'
  return [template('argoproj.io', kind, name, isClusterWide)]
}

const trainingRuntime = (ref: JsonValue) => {
  const kind = stringMember(ref, 'kind') ?? 'ClusterTrainingRuntime'
  const name = stringMember(ref, 'name')
  const isClusterWide = kind === 'ClusterTrainingRuntime'
  return name === undefined ? [] : [template('trainer.kubeflow.org', kind, name, isClusterWide)]
}

/** KServe takes the runtime of the namespace first; without a name it chooses one by the model's format. */
const servingRuntimes = (server: JsonValue) => {
  if (!isJsonObject(server)) return []
  const name = stringMember(server, 'runtime')
  return [
    template('serving.kserve.io', 'ServingRuntime', name),
    template('serving.kserve.io', 'ClusterServingRuntime', name, true)
  ]
}

/** KServe applies these without being asked (pkg/controller/v1alpha1/llmisvc/config_merge.go). */
const llmConfigs = [
  'template',
  'decode-template',
  'prefill-template',
  'worker-data-parallel',
  'decode-worker-data-parallel',
  'prefill-worker-data-parallel',
  'worker-pipeline-parallel',
  'decode-worker-pipeline-parallel',
  'prefill-worker-pipeline-parallel',
  'scheduler',
  'router-route'
].map(name => `kserve-config-llm-${name}`)

const presets = () =>
  llmConfigs.map(name => template('serving.kserve.io', 'LLMInferenceServiceConfig', name))

function named(group: string, kind: string) {
  return (name: JsonValue) => (typeof name === 'string' ? [template(group, kind, name)] : [])
}

const rayCluster = (selector: JsonValue) => {
  const name = stringMember(selector, 'ray.io/cluster')
  return name === undefined ? [] : [template('ray.io', 'RayCluster', name)]
}

function tektonTask(task: string) {
  return [{ path: `${task}.steps[].ref`, read: tekton('StepAction') }]
}

function tektonPipeline(pipeline: string) {
  const task = `${pipeline}(.(tasks|finally)[].pipelineSpec)*.(tasks|finally)[]`
  return [
    { path: `${task}.taskRef`, read: tekton('Task') },
    { path: `${task}.pipelineRef`, read: tekton('Pipeline') },
    ...tektonTask(`${task}.taskSpec`)
  ]
}

function argoWorkflow(spec: string) {
  const inline = `${spec}.(templates[]|templateDefaults)((.steps[][]|.dag.tasks[]).inline)*`
  const task = `${inline}.(steps[][]|dag.tasks[])`
  return [
    { path: `${spec}.workflowTemplateRef`, read: workflowTemplate },
    {
      path: `(${task}|${task}.hooks{}|${spec}.hooks{}).templateRef`,
      read: workflowTemplate
    }
  ]
}

const modelServers =
  '(model|huggingface|lightgbm|mlflow|onnx|paddle|pmml|pytorch|sklearn|tensorflow|triton|xgboost)'

const texts: Readonly<
  Record<string, readonly { readonly path: string; readonly read: Place['read'] }[]>
> = {
  'tekton.dev/PipelineRun': [
    { path: 'spec.pipelineRef', read: tekton('Pipeline') },
    ...tektonPipeline('spec.pipelineSpec')
  ],
  'tekton.dev/Pipeline': tektonPipeline('spec'),
  'tekton.dev/TaskRun': [
    { path: 'spec.taskRef', read: tekton('Task') },
    ...tektonTask('spec.taskSpec')
  ],
  'tekton.dev/Task': tektonTask('spec'),
  'tekton.dev/ClusterTask': tektonTask('spec'),
  'argoproj.io/Workflow': argoWorkflow('spec'),
  'argoproj.io/CronWorkflow': argoWorkflow('spec.workflowSpec'),
  'argoproj.io/WorkflowTemplate': argoWorkflow('spec'),
  'argoproj.io/ClusterWorkflowTemplate': argoWorkflow('spec'),
  'trainer.kubeflow.org/TrainJob': [{ path: 'spec.runtimeRef', read: trainingRuntime }],
  'serving.kserve.io/InferenceService': [
    {
      path: `spec.(predictor|transformer|explainer).${modelServers}`,
      read: servingRuntimes
    }
  ],
  'serving.kserve.io/LLMInferenceService': [
    { path: 'spec', read: presets },
    { path: 'spec.baseRefs[].name', read: named('serving.kserve.io', 'LLMInferenceServiceConfig') }
  ],
  'ray.io/RayJob': [{ path: 'spec.clusterSelector', read: rayCluster }],
  'flow.volcano.sh/JobFlow': [
    { path: 'spec.flows[].name', read: named('flow.volcano.sh', 'JobTemplate') }
  ],
  'mlops.seldon.io/Server': [
    { path: 'spec.serverConfig', read: named('mlops.seldon.io', 'ServerConfig') }
  ],
  'mlops.seldon.io/SeldonRuntime': [
    { path: 'spec.seldonConfig', read: named('mlops.seldon.io', 'SeldonConfig') }
  ]
}

const places = new Map<string, readonly Place[]>(
  Object.entries(texts).map(([kind, each]) => [
    kind,
    each.map(({ path, read }) => ({ path: compilePath(path), read }))
  ])
)
