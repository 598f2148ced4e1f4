import { Fault } from '../../../common/fault.ts'
import { kindOf } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import { isEmpty, jsonOf, Missing, textOf } from '../value.ts'
import type { PresentValue, TemplateValue } from '../value.ts'
import { lenient, strict } from './signature.ts'
import type { TemplateFunction } from './signature.ts'

/** Defaults, conditions and comparisons. */
export const logicFunctions: Readonly<Record<string, TemplateFunction>> = {
  default: lenient([2, 2], ([fallback = null, value = null]) =>
    isEmpty(value) ? fallback : value
  ),
  coalesce: lenient([1, Infinity], args => args.find(arg => !isEmpty(arg)) ?? args.at(-1) ?? null),
  required: lenient([2, 2], ([message = '', value = null]) => required(message, value)),
  ternary: lenient([3, 3], ([whenTrue = null, whenFalse = null, condition = null]) =>
    isTrue(condition) ? whenTrue : whenFalse
  ),
  empty: lenient([1, 1], ([value = null]) => isEmpty(value)),
  not: lenient([1, 1], ([value = null]) => isEmpty(value)),
  and: lenient([1, Infinity], args => args.find(isEmpty) ?? args.at(-1) ?? null),
  or: lenient([1, Infinity], args => args.find(arg => !isEmpty(arg)) ?? args.at(-1) ?? null),
  eq: strict([2, Infinity], ([first = null, ...rest]) => rest.some(other => isEqual(first, other))),
  ne: strict([2, 2], ([left = null, right = null]) => !isEqual(left, right)),
  lt: strict([2, 2], ([left = null, right = null]) => compare(left, right) < 0),
  gt: strict([2, 2], ([left = null, right = null]) => compare(left, right) > 0)
}

function required(message: TemplateValue, value: TemplateValue): TemplateValue {
  if (!(value instanceof Missing) && value !== null && value !== '') return value
  const text = message instanceof Missing ? 'a value is required' : textOf(message)
  throw new Fault('TEMPLATE_VALUE_MISSING', text, {
    ...(value instanceof Missing ? { found: `no value for ${value.path}` } : {})
  })
}

/** Only a boolean is a condition, as in Helm: the text "false" of a parameter would be true. */
function isTrue(condition: TemplateValue): boolean {
  if (typeof condition === 'boolean') return condition
  const isMissing = condition instanceof Missing
  throw new Fault('TEMPLATE_TYPE', 'ternary needs a boolean condition', {
    found: isMissing ? `no value for ${condition.path}` : kindOf(jsonOf(condition)),
    remedy: 'Compare: ternary "a" "b" (eq .Values.x "true").'
  })
}

/** Numbers are compared by value, integers and others alike; different types are a fault, as in Helm. */
function isEqual(left: PresentValue, right: PresentValue): boolean {
  const [a, b] = [jsonOf(left), jsonOf(right)]
  if (a === null || b === null) return a === b
  if (isNumber(a) && isNumber(b)) return a == b
  if (typeof a === 'object' || typeof b === 'object' || typeof a !== typeof b) {
    throw incomparable(a, b)
  }
  return a === b
}

function compare(left: PresentValue, right: PresentValue): number {
  const [a, b] = [jsonOf(left), jsonOf(right)]
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  throw incomparable(a, b)
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function incomparable(left: JsonValue, right: JsonValue): Fault {
  return new Fault('TEMPLATE_TYPE', `${kindOf(left)} and ${kindOf(right)} cannot be compared`, {
    remedy: 'Convert one of them: parameters are strings, so {{#if (gt (int .Values.x) 1)}}.'
  })
}
