import { isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { Place } from '../../evidence/workload/walk.ts'
import type { Finding } from '../decision.ts'
import type { ResourcesOptions } from '../policy/model-policy.ts'
import { oncePerSubject } from '../subject/once-per-subject.ts'
import type { Subject } from '../subject/subject.ts'
import type { RuleInput } from './context.ts'
import { unsearchedFindings } from './unsearched.ts'

/** Compiles rule `resources`: every container has the requests and limits that are asked for. */
export function compileResources(
  options: ResourcesOptions
): (input: RuleInput) => readonly Finding[] {
  return ({ subject }) => {
    const findings: Finding[] = []
    for (const container of containersOf(subject)) {
      for (const part of parts) {
        for (const name of options[part]) {
          if (!container[part].some(given => isQuantity(member(given, name)))) {
            findings.push(missing(container, part, name))
          }
        }
      }
    }
    const unread = (subject.workload?.opaque ?? []).filter(({ kind }) => kind === 'malformed')
    findings.push(...unsearchedFindings('Deny', unread, 'a container'))
    return findings
  }
}

const parts = ['requests', 'limits'] as const

function missing({ field }: Container, part: (typeof parts)[number], name: string): Finding {
  return {
    field: `${field}.${part}.${name}`,
    problem: `the container has no ${name} in its ${part}`,
    allowed: 'a quantity above 0',
    fix: `set ${part}.${name}`
  }
}

interface Container {
  /** Where its resources belong. */
  readonly field: string
  /** What is given on the container, or for the whole pod (`spec.resources`, Kubernetes 1.34). */
  readonly requests: readonly JsonValue[]
  readonly limits: readonly JsonValue[]
}

const containersOf = oncePerSubject(({ workload }: Subject): readonly Container[] => {
  // By field: one container can name an image and a model, and be one object in two places (YAML's `*`).
  const places = new Map<string, Place>()
  for (const { field, within } of workload?.images ?? []) {
    if (within !== undefined && isImageOfContainer(field)) places.set(within.field, within)
  }
  for (const { field, within } of workload?.models ?? []) {
    if (within !== undefined && isModelOfServer(field)) places.set(within.field, within)
  }
  return [...places.values()].map(readContainer)
})

function isImageOfContainer(field: string): boolean {
  return field.endsWith('.image') && !field.includes('ephemeralContainers[')
}

/** A model spec is a container too, whose image the runtime brings. */
function isModelOfServer(field: string): boolean {
  return field.endsWith('.storageUri') && field.startsWith('spec.predictor.')
}

function readContainer(place: Place): Container {
  const { field, value } = place
  const step = member(value, 'computeResources')
  const isOfTask = isJsonObject(step) || field.includes('.steps[')
  const requests: JsonValue[] = []
  const limits: JsonValue[] = []
  for (const resources of [member(value, 'resources'), step, podResources(place)]) {
    if (!isJsonObject(resources)) continue
    requests.push(member(resources, 'requests') ?? null)
    limits.push(member(resources, 'limits') ?? null)
  }
  return { field: `${field}.${isOfTask ? 'computeResources' : 'resources'}`, requests, limits }
}

function podResources({ within: list }: Place): JsonValue | undefined {
  if (list === undefined) return undefined
  const isOfPod = list.field.endsWith('.containers') || list.field.endsWith('.initContainers')
  return isOfPod ? member(list.within?.value, 'resources') : undefined
}

/** A quantity above zero (apimachinery resource.Quantity's syntax). */
function isQuantity(value: JsonValue | undefined): boolean {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  if (typeof text !== 'string') return false
  return /^\+?(?=[\d.]*[1-9])(?:\d+(?:\.\d*)?|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.test(
    text
  )
}
