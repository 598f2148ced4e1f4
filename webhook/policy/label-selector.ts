import { member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/** A label selector of Kubernetes (apimachinery meta/v1); an empty one matches everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly LabelExpression[]
}

/** One requirement of a selector. */
export interface LabelExpression {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values?: readonly string[]
}

/** Labels by key. */
export type Labels = Pick<ReadonlyMap<string, string>, 'get'>

/** The labels of an object's metadata, read by key: it can have 100,000. What is no string is left out. */
export function labelsOf(object: JsonValue | undefined): Labels {
  const labels = member(member(object, 'metadata'), 'labels')
  return { get: key => stringMember(labels, key) }
}

/** Whether the labels meet every requirement. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  const equal = Object.entries(selector.matchLabels ?? {})
  if (!equal.every(([key, value]) => labels.get(key) === value)) return false
  return (selector.matchExpressions ?? []).every(expression => meets(expression, labels))
}

function meets({ key, operator, values = [] }: LabelExpression, labels: Labels): boolean {
  const value = labels.get(key)
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
  }
}
