import { isJsonObject, member, propertyName } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { memoize } from '../../common/memoize.ts'
import type { ValueNode } from '../../evidence/workload/walk.ts'
import type { Finding } from '../decision.ts'
import type { ResourcesOptions } from '../policy/model-policy.ts'
import { oncePerSubject } from '../subject/once-per-subject.ts'
import type { Subject } from '../subject/subject.ts'
import type { RuleInput } from './context.ts'
import { addUnsearched } from './unsearched.ts'

/** Compiles rule `resources`: every container has the required requests and limits. */
export function compileResources(
  options: ResourcesOptions
): (input: RuleInput) => readonly Finding[] {
  const asked = {
    requests: options.requests.map(propertyName),
    limits: options.limits.map(propertyName)
  }
  return ({ subject }) => {
    const findings: Finding[] = []
    for (const container of containersOf(subject)) {
      for (const part of parts) {
        for (const name of asked[part]) {
          if (!container[part].some(given => isQuantity(member(given, name)))) {
            findings.push(missing(container, part, name))
          }
        }
      }
    }
    const { opaque = [] } = subject.workload ?? {}
    const unread = opaque.filter(({ kind }) => kind === 'malformed')
    addUnsearched(findings, unread, 'a container')
    return findings
  }
}

const parts = ['requests', 'limits'] as const

function missing(container: Container, part: (typeof parts)[number], name: string): Finding {
  const { node, member: resources } = container
  return {
    field: `${node.field}.${resources}.${part}.${name}`,
    problem: `the container has no ${name} in its ${part}`,
    allowed: 'a quantity above 0',
    fix: `set ${part}.${name}`
  }
}

interface Container {
  readonly node: ValueNode
  /** The member that holds its resources. */
  readonly member: 'resources' | 'computeResources'
  /** Given on the container, or for the whole pod (`spec.resources`, Kubernetes 1.34). */
  readonly requests: readonly JsonValue[]
  readonly limits: readonly JsonValue[]
}

/** Finds containers: objects with an image, and model specs, which are containers too. */
const containersOf = oncePerSubject(({ workload }: Subject): readonly Container[] => {
  const nodes: ValueNode[] = []
  for (const { node } of workload?.images ?? []) {
    const { key, parent } = node
    const isContainer = key === 'image' && parent?.parent?.key !== 'ephemeralContainers'
    if (isContainer && parent !== undefined) nodes.push(parent)
  }
  const servers = (workload?.models ?? []).map(({ node }) => node).filter(isOfServer)
  if (servers.length > 0) addServers(nodes, servers)
  return nodes.map(readContainer)
})

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

function readContainer(node: ValueNode): Container {
  const { value, parent: list } = node
  const { resources: own, computeResources: step } = isJsonObject(value) ? value : {}
  const isOfTask = isJsonObject(step) || list?.key === 'steps'
  const requests: JsonValue[] = []
  const limits: JsonValue[] = []
  for (const resources of [own, step, podResources(node)]) {
    if (!isJsonObject(resources)) continue
    requests.push(resources.requests ?? null)
    limits.push(resources.limits ?? null)
  }
  return { node, member: isOfTask ? 'computeResources' : 'resources', requests, limits }
}

function podResources({ parent: list }: ValueNode): JsonValue | undefined {
  if (list === undefined) return undefined
  const isOfPod = list.key === 'containers' || list.key === 'initContainers'
  const pod = list.parent?.value
  return isOfPod && isJsonObject(pod) ? pod.resources : undefined
}

/** True for a quantity above zero (syntax of apimachinery's resource.Quantity). */
function isQuantity(value: JsonValue | undefined): boolean {
  if (typeof value === 'string') return isQuantityText(value)
  return (typeof value === 'number' || typeof value === 'bigint') && isQuantityText(String(value))
}

const quantity =
  /^\+?(?=[\d.]*[1-9])(?:\d+(?:\.\d*)?|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/

/** Memoized, because a cluster has few different quantities. */
const isQuantityText = memoize(text => quantity.test(text), {
  maxTexts: 1_000,
  maxCharacters: 32
})
