import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Finding } from '../decision.ts'
import type { ResourcesOptions } from '../policy/model-policy.ts'
import { parentField, valueAtField } from '../subject/field.ts'
import type { Subject } from '../subject/subject.ts'
import type { RuleInput } from './context.ts'

/** Rule `resources`: every container has the requests and limits that are asked for. */
export function judgeResources(
  options: ResourcesOptions,
  { subject }: RuleInput
): readonly Finding[] {
  return containerFields(subject).flatMap(field =>
    (['requests', 'limits'] as const).flatMap(part =>
      options[part]
        .filter(name => !isGiven(subject.object, field, [part, name]))
        .map(name => ({
          field: `${field}.${resourcesName(subject.object, field)}.${part}.${name}`,
          problem: `the container has no ${name} in its ${part}`,
          allowed: 'a quantity above 0',
          fix: `set ${part}.${name}`
        }))
    )
  )
}

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

/** Given on the container, or for the whole pod (`spec.resources`, Kubernetes 1.34). */
function isGiven(
  object: JsonObject,
  field: string,
  [part, name]: readonly [string, string]
): boolean {
  const container = valueAtField(object, field)
  const pod = /^(.*)\.(?:containers|initContainers)\[\d+\]$/.exec(field)?.[1]
  const places: (JsonValue | undefined)[] = [
    member(container, 'resources'),
    member(container, 'computeResources'),
    pod === undefined ? undefined : member(valueAtField(object, pod), 'resources')
  ]
  return places.some(place => isQuantity(member(member(place, part), name)))
}

function resourcesName(object: JsonObject, field: string): string {
  return isJsonObject(member(valueAtField(object, field), 'computeResources')) ||
    field.includes('.steps[')
    ? 'computeResources'
    : 'resources'
}

/** A quantity above zero (apimachinery resource.Quantity's syntax). */
function isQuantity(value: JsonValue | undefined): boolean {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  if (typeof text !== 'string') return false
  const match = /^\+?(\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.exec(text)
  return match !== null && Number(match[1]) > 0
}
