import { isJsonObject, member, propertyName } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { remembering } from '../../common/remembering.ts'
import type { Place } from '../../evidence/workload/walk.ts'
import type { Finding } from '../decision.ts'
import type { ResourcesOptions } from '../policy/model-policy.ts'
import { oncePerSubject } from '../subject/once-per-subject.ts'
import type { Subject } from '../subject/subject.ts'
import type { RuleInput } from './context.ts'
import { addUnsearched } from './unsearched.ts'

/** Compiles rule `resources`: every container has the requests and limits that are asked for. */
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
  const { place, member: resources } = container
  return {
    field: `${place.field}.${resources}.${part}.${name}`,
    problem: `the container has no ${name} in its ${part}`,
    allowed: 'a quantity above 0',
    fix: `set ${part}.${name}`
  }
}

interface Container {
  readonly place: Place
  /** Where its resources belong. */
  readonly member: 'resources' | 'computeResources'
  /** What is given on the container, or for the whole pod (`spec.resources`, Kubernetes 1.34). */
  readonly requests: readonly JsonValue[]
  readonly limits: readonly JsonValue[]
}

/** What holds a container: those that name an image, and model specs, which are containers too. */
const containersOf = oncePerSubject(({ workload }: Subject): readonly Container[] => {
  const places: Place[] = []
  for (const { place } of workload?.images ?? []) {
    const { key, within } = place
    const isContainer = key === 'image' && within?.within?.key !== 'ephemeralContainers'
    if (isContainer && within !== undefined) places.push(within)
  }
  const servers = (workload?.models ?? []).map(({ place }) => place).filter(isOfServer)
  if (servers.length > 0) addServers(places, servers)
  return places.map(readContainer)
})

function isOfServer(place: Place): boolean {
  return place.key === 'storageUri' && place.field.startsWith('spec.predictor.')
}

/** A server that names an image is there already. */
function addServers(places: Place[], models: readonly Place[]): void {
  const fields = new Set(places.map(({ field }) => field))
  for (const { within } of models) {
    if (within !== undefined && !fields.has(within.field)) places.push(within)
  }
}

function readContainer(place: Place): Container {
  const { value, within: list } = place
  const { resources: own, computeResources: step } = isJsonObject(value) ? value : {}
  const isOfTask = isJsonObject(step) || list?.key === 'steps'
  const requests: JsonValue[] = []
  const limits: JsonValue[] = []
  for (const resources of [own, step, podResources(place)]) {
    if (!isJsonObject(resources)) continue
    requests.push(resources.requests ?? null)
    limits.push(resources.limits ?? null)
  }
  return { place, member: isOfTask ? 'computeResources' : 'resources', requests, limits }
}

function podResources({ within: list }: Place): JsonValue | undefined {
  if (list === undefined) return undefined
  const isOfPod = list.key === 'containers' || list.key === 'initContainers'
  const pod = list.within?.value
  return isOfPod && isJsonObject(pod) ? pod.resources : undefined
}

/** A quantity above zero (apimachinery resource.Quantity's syntax). */
function isQuantity(value: JsonValue | undefined): boolean {
  if (typeof value === 'string') return isQuantityText(value)
  return (typeof value === 'number' || typeof value === 'bigint') && isQuantityText(String(value))
}

const quantity =
  /^\+?(?=[\d.]*[1-9])(?:\d+(?:\.\d*)?|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/

/** A cluster has few quantities, and many of each. */
const isQuantityText = remembering(text => quantity.test(text), {
  maxTexts: 1_000,
  maxCharacters: 32
})
