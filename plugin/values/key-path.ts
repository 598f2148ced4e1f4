import { Fault, bound } from '../../common/fault.ts'
import { isJsonObject, kindOf } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** Keys that every JavaScript object inherits; they are never value names. */
const refusedKeys = new Set(['__proto__', 'constructor'])

/**
 * The keys of `a.b.c`; `\.` is a dot inside a key.
 *
 * @throws {Fault} `VALUES_KEY` for an empty part or a refused name
 */
export function parseKeyPath(text: string, where: string): readonly string[] {
  const keys = (text.match(/(?:\\.|[^.\\])+|\.(?=\.|$)|^(?=\.)|^$/g) ?? ['']).map(key =>
    key === '.' ? '' : key.replace(/\\(.)/g, '$1')
  )
  for (const key of keys) {
    if (key === '' || refusedKeys.has(key)) {
      throw new Fault('VALUES_KEY', `${JSON.stringify(bound(text, 80))} is not a value path`, {
        where,
        expected: 'keys joined by dots, such as image.tag'
      })
    }
  }
  return keys
}

/**
 * Returns `values` with `value` at a path; missing objects on the path are created, null removes.
 *
 * @throws {Fault} `VALUES_CONFLICT` if the path leads through a value that is not an object
 */
export function setAt(
  values: JsonObject,
  keys: readonly string[],
  value: JsonValue,
  where: string
): JsonObject {
  const [key = '', ...rest] = keys
  if (rest.length === 0) {
    if (value !== null) return { ...values, [key]: value }
    return Object.fromEntries(Object.entries(values).filter(([name]) => name !== key))
  }
  const below = Object.hasOwn(values, key) ? values[key] : undefined
  if (below !== undefined && below !== null && !isJsonObject(below)) {
    throw new Fault('VALUES_CONFLICT', `"${key}" is not an object`, {
      where,
      found: kindOf(below),
      expected: 'an object'
    })
  }
  return { ...values, [key]: setAt(below ?? {}, rest, value, where) }
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
