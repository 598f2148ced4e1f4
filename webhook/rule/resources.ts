import { isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { remembering } from '../../common/remembering.ts'
import type { Finding } from '../decision.ts'
import type { ResourcesOptions } from '../policy/model-policy.ts'
import { keysOf, parentField, valueAt } from '../subject/field.ts'
import { oncePerSubject } from '../subject/once-per-subject.ts'
import type { Subject } from '../subject/subject.ts'
import type { RuleInput } from './context.ts'
import { unsearchedFindings } from './unsearched.ts'

/** Compiles rule `resources`: every container has the requests and limits that are asked for. */
export function compileResources({
  requests,
  limits
}: ResourcesOptions): (input: RuleInput) => readonly Finding[] {
  const asked = [
    ...requests.map(name => ({ part: 'requests', name })),
    ...limits.map(name => ({ part: 'limits', name }))
  ]
  return ({ subject }) => {
    const findings: Finding[] = []
    for (const { field, places } of containersOf(subject)) {
      for (const { part, name } of asked) {
        if (places.some(place => isQuantity(member(member(place, part), name)))) continue
        findings.push({
          field: `${field}.${part}.${name}`,
          problem: `the container has no ${name} in its ${part}`,
          allowed: 'a quantity above 0',
          fix: `set ${part}.${name}`
        })
      }
    }
    const unread = (subject.workload?.opaque ?? []).filter(({ kind }) => kind === 'malformed')
    findings.push(...unsearchedFindings('Deny', unread, 'a container'))
    return findings
  }
}

interface ResourcePlaces {
  /** Where the container's resources belong. */
  readonly field: string
  /** Given on the container, or for the whole pod (`spec.resources`, Kubernetes 1.34). */
  readonly places: readonly JsonValue[]
}

const containersOf = oncePerSubject(subject =>
  containerFields(subject).map((field): ResourcePlaces => {
    const { keys, podKeys, isOfTask } = readContainerField(field)
    const container = valueAt(subject.object, keys)
    const step = member(container, 'computeResources')
    const places = [
      member(container, 'resources'),
      step,
      podKeys && member(valueAt(subject.object, podKeys), 'resources')
    ]
    return {
      field: `${field}.${isOfTask || isJsonObject(step) ? 'computeResources' : 'resources'}`,
      places: places.filter(place => place !== undefined)
    }
  })
)

/** Fields come again with every object of a kind. */
const readContainerField = remembering(
  field => {
    const pod = /^(.*)\.(?:containers|initContainers)\[\d+\]$/.exec(field)?.[1]
    return {
      keys: keysOf(field),
      podKeys: pod === undefined ? undefined : keysOf(pod),
      isOfTask: field.includes('.steps[')
    }
  },
  { maxTexts: 1_000, maxCharacters: 512 }
)

/** Fields that hold a container: those with an image, and model specs, which are containers too. */
function containerFields({ workload }: Subject): readonly string[] {
  const withImage = (workload?.images ?? [])
    .map(({ field }) => field)
    .filter(field => field.endsWith('.image') && !field.includes('ephemeralContainers['))
  const models = (workload?.models ?? [])
    .map(({ field }) => field)
    .filter(field => field.endsWith('.storageUri') && field.startsWith('spec.predictor.'))
  return [...new Set([...withImage, ...models].map(parentField))]
}

/** A quantity above zero (apimachinery resource.Quantity's syntax). */
function isQuantity(value: JsonValue | undefined): boolean {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  if (typeof text !== 'string') return false
  return /^\+?(?=[\d.]*[1-9])(?:\d+(?:\.\d*)?|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.test(
    text
  )
}
