import { bound, listNames } from '../../../common/fault.ts'
import { isJsonArray, isJsonObject, stringifyJson } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import { fail } from './application.ts'
import type { Keyword } from './application.ts'

type Numeric = number | bigint

/** Keywords that need only the value. A keyword accepts values of types that it does not apply to. */
export const assertions: Readonly<Record<string, Keyword>> = {
  type: (argument, at) => {
    const names = texts(argument)
    if (!names.some(name => isOfType(at.value, name))) fail(at, `must be ${names.join(' or ')}`)
  },
  enum: (argument, at) => {
    const allowed = isJsonArray(argument) ? argument : []
    const known = new Set(allowed.map(canonical))
    if (!known.has(canonical(at.value))) {
      fail(at, `must be one of ${bound(allowed.map(canonical).join(', '), 200)}`)
    }
  },
  const: (argument, at) => {
    const expected = canonical(argument)
    if (canonical(at.value) !== expected) fail(at, `must be ${bound(expected, 200)}`)
  },
  multipleOf: numeric((value, divisor) => isMultiple(value, divisor), 'a multiple of'),
  maximum: numeric((value, limit) => value <= limit, 'at most'),
  exclusiveMaximum: numeric((value, limit) => value < limit, 'below'),
  minimum: numeric((value, limit) => value >= limit, 'at least'),
  exclusiveMinimum: numeric((value, limit) => value > limit, 'above'),
  maxLength: sized(lengthOf, (size, most) => size <= most, 'at most', 'characters'),
  minLength: sized(lengthOf, (size, least) => size >= least, 'at least', 'characters'),
  pattern: (argument, at) => {
    if (typeof at.value !== 'string' || typeof argument !== 'string') return
    if (!at.run.isFound(argument, at.value)) {
      fail(at, `must match pattern ${JSON.stringify(bound(argument, 200))}`)
    }
  },
  maxItems: sized(itemsOf, (size, most) => size <= most, 'at most', 'items'),
  minItems: sized(itemsOf, (size, least) => size >= least, 'at least', 'items'),
  uniqueItems: (argument, at) => {
    if (argument !== true || !isJsonArray(at.value)) return
    if (new Set(at.value.map(canonical)).size < at.value.length)
      fail(at, 'must not have duplicate items')
  },
  maxProperties: sized(membersOf, (size, most) => size <= most, 'at most', 'keys'),
  minProperties: sized(membersOf, (size, least) => size >= least, 'at least', 'keys'),
  required: (argument, at) => {
    if (!isJsonObject(at.value)) return
    const { value } = at
    const missing = texts(argument).filter(key => !Object.hasOwn(value, key))
    if (missing.length > 0) fail(at, `must have ${listNames(missing)}`)
  },
  dependentRequired: (argument, at) => {
    if (!isJsonObject(at.value) || !isJsonObject(argument)) return
    for (const [key, needed] of Object.entries(argument)) {
      if (Object.hasOwn(at.value, key)) assertions.required?.(needed, at)
    }
  }
}

function texts(argument: JsonValue): readonly string[] {
  const list = isJsonArray(argument) ? argument : [argument]
  return list.filter(item => typeof item === 'string')
}

function isOfType(value: JsonValue, name: string): boolean {
  switch (name) {
    case 'null':
      return value === null
    case 'array':
      return isJsonArray(value)
    case 'object':
      return isJsonObject(value)
    case 'integer':
      return typeof value === 'bigint' || Number.isInteger(value)
    case 'number':
      return typeof value === 'bigint' || typeof value === 'number'
    default:
      return typeof value === name
  }
}

/** Equal values have equal texts: members are sorted, and 1.0 is 1. */
function canonical(value: JsonValue): string {
  return stringifyJson(value, { sortKeys: true })
}

function isNumeric(value: JsonValue): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint'
}

function numeric(test: (value: Numeric, limit: Numeric) => boolean, words: string): Keyword {
  return (argument, at) => {
    if (!isNumeric(at.value) || !isNumeric(argument)) return
    if (!test(at.value, argument)) fail(at, `must be ${words} ${argument.toString()}`)
  }
}

/** 0.3 is a multiple of 0.1: an error in the last binary digit is ignored. */
function isMultiple(value: Numeric, divisor: Numeric): boolean {
  if (typeof value === 'bigint' && Number.isInteger(Number(divisor)))
    return value % BigInt(divisor) === 0n
  const quotient = Number(value) / Number(divisor)
  return Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * Number.EPSILON
}

function sized(
  sizeOf: (value: JsonValue) => number | undefined,
  test: (size: number, limit: number) => boolean,
  words: string,
  things: string
): Keyword {
  return (argument, at) => {
    const size = sizeOf(at.value)
    if (size === undefined || test(size, Number(argument))) return
    fail(at, `must have ${words} ${Number(argument)} ${things}`)
  }
}

/** Code points, as JSON Schema counts. */
function lengthOf(value: JsonValue): number | undefined {
  return typeof value === 'string' ? Array.from(value).length : undefined
}

function itemsOf(value: JsonValue): number | undefined {
  return isJsonArray(value) ? value.length : undefined
}

function membersOf(value: JsonValue): number | undefined {
  return isJsonObject(value) ? Object.keys(value).length : undefined
}
