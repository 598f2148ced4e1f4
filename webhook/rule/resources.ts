import { isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { Finding } from '../decision.ts'
import type { ResourcesOptions } from '../policy/model-policy.ts'
import { parentField, valueAtField } from '../subject/field.ts'
import { oncePerSubject } from '../subject/once-per-subject.ts'
import type { Subject } from '../subject/subject.ts'
import type { RuleInput } from './context.ts'
import { unsearchedFindings } from './unsearched.ts'

/** Rule `resources`: every container has the requests and limits that are asked for. */
export function judgeResources(
  options: ResourcesOptions,
  { subject }: RuleInput
): readonly Finding[] {
  const unread = (subject.workload?.opaque ?? []).filter(({ kind }) => kind === 'malformed')
  const containers = containersOf(subject).flatMap(({ field, places }) =>
    (['requests', 'limits'] as const).flatMap(part =>
      options[part]
        .filter(name => !places.some(place => isQuantity(member(member(place, part), name))))
        .map(name => ({
          field: `${field}.${part}.${name}`,
          problem: `the container has no ${name} in its ${part}`,
          allowed: 'a quantity above 0',
          fix: `set ${part}.${name}`
        }))
    )
  )
  return [...containers, ...unsearchedFindings('Deny', unread, 'a container')]
}

interface ResourcePlaces {
  /** Where the container's resources belong. */
  readonly field: string
  /** Given on the container, or for the whole pod (`spec.resources`, Kubernetes 1.34). */
  readonly places: readonly (JsonValue | undefined)[]
}

const containersOf = oncePerSubject(subject =>
  containerFields(subject).map((field): ResourcePlaces => {
    const container = valueAtField(subject.object, field)
    const pod = /^(.*)\.(?:containers|initContainers)\[\d+\]$/.exec(field)?.[1]
    const step = member(container, 'computeResources')
    const isStep = isJsonObject(step) || field.includes('.steps[')
    return {
      field: `${field}.${isStep ? 'computeResources' : 'resources'}`,
      places: [
        member(container, 'resources'),
        step,
        pod === undefined ? undefined : member(valueAtField(subject.object, pod), 'resources')
      ]
    }
  })
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
  const match = /^\+?(\d+(?:\.\d*)?|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.exec(text)
  return match !== null && Number(match[1]) > 0
}
