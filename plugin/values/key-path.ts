import { Fault, bound } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** Keys that every JavaScript object inherits; they are never value names. */
const refusedKeys = new Set(['__proto__', 'constructor'])

/** The largest index of a list, as in Helm. */
export const maxIndex = 65_536

/** A key of an object, or an index of a list. */
export type PathKey = string | number

/**
 * The keys of `a.b.c` or `a.list[0].b`; `\.` is a dot inside a key, `\[` a bracket.
 *
 * @throws {Fault} `VALUES_KEY` for an empty part, a refused name, or a bracket without an index
 */
export function parseKeyPath(text: string, where: string): readonly PathKey[] {
  const parts = text.match(/(?:\\.|[^.\\])+|\.(?=\.|$)|^(?=\.)|^$/g) ?? ['']
  return parts.flatMap(part => {
    const [indices = ''] = /(?<!\\)(?:\[[0-9]{1,5}\])+$/.exec(part) ?? []
    const name = part.slice(0, part.length - indices.length)
    const numbers = (indices.match(/[0-9]+/g) ?? []).map(Number)
    if (/(?<!\\)[[\]]/.test(name) || numbers.some(index => index > maxIndex))
      throw noIndex(text, where)
    const key = name === '.' ? '' : name.replace(/\\(.)/g, '$1')
    return [refuseKey(key, text, where), ...numbers]
  })
}

function noIndex(path: string, where: string): Fault {
  return new Fault('VALUES_KEY', `${JSON.stringify(bound(path, 80))} is not a value path`, {
    where,
    expected: `an index from 0 to ${maxIndex} at the end of a key, such as list[0]; a literal bracket is \\[`
  })
}

/** Returns a key of a path. @throws {Fault} `VALUES_KEY` if it is empty or refused */
export function refuseKey(key: string, path: string, where: string): string {
  if (key !== '' && !refusedKeys.has(key)) return key
  // An option contains the value after the path.
  const name = path.split('=', 1)[0] ?? ''
  throw new Fault('VALUES_KEY', `${JSON.stringify(bound(name, 80))} is not a value path`, {
    where,
    expected: 'keys joined by dots, such as image.tag'
  })
}

/**
 * Returns `values` with `value` at a path; missing objects and lists on the path are created. Null removes a
 * key of an object, and is an item of a list.
 *
 * @throws {Fault} `VALUES_CONFLICT` if the path leads through a value that is not an object or a list
 */
export function setAt(
  values: JsonObject,
  keys: readonly PathKey[],
  value: JsonValue,
  where: string
): JsonObject {
  const [key = '', ...rest] = keys
  const name = String(key)
  if (rest.length === 0) {
    if (value !== null) return { ...values, [name]: value }
    return Object.fromEntries(Object.entries(values).filter(([other]) => other !== name))
  }
  const below = Object.hasOwn(values, name) ? values[name] : undefined
  return { ...values, [name]: setBelow(below, rest, { value, where, name }) }
}

interface Placed {
  readonly value: JsonValue
  readonly where: string
  /** The key above, for messages. */
  readonly name: string
}

function setBelow(
  below: JsonValue | undefined,
  keys: readonly PathKey[],
  { value, where, name }: Placed
): JsonValue {
  const [key = '', ...rest] = keys
  const present = below ?? undefined
  if (typeof key === 'string') {
    if (present === undefined || isJsonObject(present))
      return setAt(present ?? {}, keys, value, where)
    throw conflict(name, present, { where, expected: 'an object' })
  }
  if (present !== undefined && !isJsonArray(present))
    throw conflict(name, present, { where, expected: 'a list' })
  const list: JsonValue[] = [...(present ?? [])]
  while (list.length < key) list.push(null)
  const inner = { value, where, name: `${name}[${key}]` }
  list[key] = rest.length === 0 ? value : setBelow(list[key], rest, inner)
  return list
}

function conflict(
  name: string,
  found: JsonValue,
  details: { readonly where: string; readonly expected: string }
): Fault {
  return new Fault('VALUES_CONFLICT', `"${name}" is not ${details.expected}`, {
    ...details,
    found: kindOf(found)
  })
}

/** Refuses `__proto__` and `constructor` at any depth of a value file or a parameter. */
export function refuseKeys(value: JsonValue, where: string): void {
  const pending: JsonValue[] = [value]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue
    for (const [key, inner] of Object.entries(next)) {
      if (refusedKeys.has(key)) {
        throw new Fault('VALUES_KEY', `the key "${key}" is not accepted`, { where })
      }
      pending.push(inner)
    }
  }
}
