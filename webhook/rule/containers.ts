import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { isWorkloadKind } from '../../evidence/workload/registry.ts'
import type { ValueNode } from '../../evidence/workload/walk.ts'
import { oncePerSubject } from '../subject/once-per-subject.ts'
import type { Subject } from '../subject/subject.ts'
import type { Container } from './container.ts'
import { pipelineResources } from './pipeline-resources.ts'
import { sparkContainers } from './spark-containers.ts'

/**
 * Finds the containers of a subject: objects with an image, the steps that take it from their template,
 * model servers, whose image a runtime brings, and the pods of Spark. An image that is only pulled, and a
 * StepAction, whose resources its steps give, are none.
 */
export const containersOf = oncePerSubject((subject): readonly Container[] => {
  const { workload, identity } = subject
  if (identity.group === 'sparkoperator.k8s.io') return sparkContainers(subject)
  const nodes: ValueNode[] = []
  const containers: Container[] = []
  for (const { node } of workload?.images ?? []) {
    const { parent } = node
    if (parent?.key === 'stepTemplate') containers.push(...stepsOf(parent, subject))
    else if (parent !== undefined && isContainer(node, subject)) nodes.push(parent)
  }
  const servers = (workload?.models ?? []).map(({ node }) => node).filter(isOfServer)
  if (servers.length > 0) addServers(nodes, servers)
  return [...nodes.map(node => readContainer(node, subject)), ...containers]
})

/** Kinds that have an image and run no container of it, or leave its resources to others. */
const imageOnly = new Set(['ImagePullJob', 'ImageListPullJob', 'StepAction'])
/** The names of lists and members in which unknown kinds have containers. */
const containerName = /container|sidecar|step/i

function isContainer({ key, parent }: ValueNode, { identity }: Subject): boolean {
  if (key !== 'image' || parent?.parent?.key === 'ephemeralContainers') return false
  if (imageOnly.has(identity.kind)) return false
  if (isWorkloadKind(identity)) return true
  const name = parent?.key.startsWith('[') === true ? parent.parent?.key : parent?.key
  return containerName.test(name ?? '')
}

function isOfServer(node: ValueNode): boolean {
  return node.key === 'storageUri' && node.field.startsWith('spec.predictor.')
}

/** A model server with an image has already been found. */
function addServers(nodes: ValueNode[], models: readonly ValueNode[]): void {
  const fields = new Set(nodes.map(({ field }) => field))
  for (const { parent } of models) {
    if (parent !== undefined && !fields.has(parent.field)) nodes.push(parent)
  }
}

/** The steps of Tekton that have the image of their template. */
function stepsOf(template: ValueNode, subject: Subject): readonly Container[] {
  const { parent: task } = template
  const steps = member(task?.value, 'steps')
  return (isJsonArray(steps) ? steps : []).flatMap((step, index) => {
    const isOwn = member(step, 'image') !== undefined || member(step, 'ref') !== undefined
    if (isOwn || task === undefined) return []
    const field = `${task.field}.steps[${index}]`
    const sources = resourcesOf(step).concat(taskResources(task, subject))
    return [container(`${field}.computeResources`, sources)]
  })
}

function readContainer(node: ValueNode, subject: Subject): Container {
  if (subject.identity.group === 'pipelines.kubeflow.org') return pipelineResources(node)
  const { value, parent: list } = node
  const isStep = list?.key === 'steps'
  const isOfTask = isStep || isJsonObject(member(value, 'computeResources'))
  const name = isOfTask
    ? 'computeResources'
    : node.key === 'trainer'
      ? 'resourcesPerNode'
      : 'resources'
  const task = isStep ? list.parent : undefined
  return container(`${node.field}.${name}`, [
    ...resourcesOf(value),
    podResources(node),
    ...(task === undefined ? [] : taskResources(task, subject))
  ])
}

function resourcesOf(value: JsonValue): (JsonValue | undefined)[] {
  return ['resources', 'computeResources', 'resourcesPerNode'].map(name => member(value, name))
}

/** What a task gives to each of its steps: in their template, and for a whole TaskRun. */
function taskResources(task: ValueNode, { object, identity }: Subject): (JsonValue | undefined)[] {
  const ofRun = identity.kind === 'TaskRun' ? member(object.spec, 'computeResources') : undefined
  return [...resourcesOf(member(task.value, 'stepTemplate') ?? null), ofRun]
}

function podResources({ parent: list }: ValueNode): JsonValue | undefined {
  if (list === undefined) return undefined
  const isOfPod = list.key === 'containers' || list.key === 'initContainers'
  return isOfPod ? member(list.parent?.value, 'resources') : undefined
}

function container(place: string, sources: readonly (JsonValue | undefined)[]): Container {
  return {
    given: (part, name) => sources.map(resources => member(member(resources, part), name)),
    field: (part, name) => `${place}.${part}.${name}`
  }
}
