import { member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/** A Kubernetes label selector (apimachinery meta/v1). An empty one matches everything. */
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

/** Returns the labels of an object's metadata, which can be 100,000. Values that are not strings are left out. */
export function labelsOf(object: JsonValue | undefined): Labels {
  const labels = member(member(object, 'metadata'), 'labels')
  return { get: key => stringMember(labels, key) }
}

/** True when the labels meet every requirement. */
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
