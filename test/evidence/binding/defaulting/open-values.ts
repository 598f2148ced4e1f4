import { isJsonArray, isJsonObject, member, stringifyJson } from '../../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../../common/json.ts'
import { isKnownDefault } from '../../../../evidence/binding/known-defaults.ts'
import type { Segment } from '../../../../evidence/binding/place.ts'
import { identify } from '../../../../evidence/identity.ts'

/** An object, and what the API server makes of it. */
export interface Defaulted {
  readonly rendered: JsonObject
  readonly found: JsonObject
}

type Visit = (path: readonly Segment[], holder: JsonObject, rendered: JsonValue | undefined) => void

/** Visits every object inside of a value, beside what was rendered there; the server reorders no list. */
function visit(
  value: JsonValue,
  rendered: JsonValue | undefined,
  path: readonly Segment[],
  on: Visit
): void {
  if (isJsonArray(value)) {
    for (const [at, item] of value.entries())
      visit(item, isJsonArray(rendered) ? rendered[at] : undefined, [...path, at], on)
  } else if (isJsonObject(value)) {
    on(path, value, rendered)
    for (const [key, inner] of Object.entries(value))
      visit(inner, member(rendered, key), [...path, key], on)
  }
}

function typeOf(object: JsonObject, path: readonly Segment[]): string {
  return [identify(object).kind, ...path.filter(segment => typeof segment === 'string')].join('.')
}

/** Sets by a key. */
class Sets<Value> {
  readonly #sets = new Map<string, Set<Value>>()

  of(key: string): Set<Value> {
    const known = this.#sets.get(key) ?? new Set<Value>()
    this.#sets.set(key, known)
    return known
  }
}

/**
 * Where a value that the API server set somewhere would be taken for a default although it did not set it:
 * each place once, without indices.
 */
export function openValues(objects: readonly Defaulted[]): ReadonlySet<string> {
  const members = new Sets<string>()
  const values = new Sets<JsonValue>()
  for (const { rendered, found } of objects) {
    visit(found, rendered, [], (path, holder, before) => {
      const known = members.of(typeOf(found, path))
      for (const [key, value] of Object.entries(holder)) {
        known.add(key)
        if (member(before, key) === undefined && typeof value !== 'object')
          values.of(key).add(value)
      }
    })
  }
  const open = new Set<string>()
  for (const { rendered, found } of objects) {
    visit(found, rendered, [], (path, holder, before) => {
      for (const key of members.of(typeOf(found, path))) {
        if (member(before, key) !== undefined) continue
        for (const value of values.of(key)) {
          if (holder[key] !== value && isTaken(found, [...path, key], { ...holder, [key]: value }))
            open.add(`${typeOf(found, [...path, key])}: ${said(value)}, not ${said(holder[key])}`)
        }
      }
    })
  }
  return open
}

function isTaken(object: JsonObject, path: readonly Segment[], holder: JsonObject): boolean {
  const value = holder[path.at(-1) ?? ''] ?? null
  return isKnownDefault(identify(object), path, value, holder)
}

function said(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : stringifyJson(value)
}
