import { Fault } from '../../../common/fault.ts'
import { isJsonArray, isJsonObject, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { jsonPatch } from '../../../plugin/patch/json-patch.ts'
import type { Operation } from '../../../plugin/patch/patch.ts'
import { StatusError } from './fake-storage.ts'

/** RFC 7396. */
export function mergePatched(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch
  const result: Record<string, JsonValue> = { ...(isJsonObject(target) ? target : {}) }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key)
    else result[key] = mergePatched(result[key], value)
  }
  return result
}

/** RFC 6902; an operation that fails is a 422, as the API server answers it. */
export function jsonPatched(target: JsonObject, patch: JsonValue): JsonObject {
  try {
    return jsonPatch(target, patch as unknown as readonly Operation[])
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new StatusError(422, 'Invalid', `the server rejected our request: ${error.message}`)
  }
}

/** Paths of leaves with their values; `conditions` are a map by type, other lists are whole. */
function leaves(value: JsonValue, path: string): ReadonlyMap<string, JsonValue> {
  const found = new Map<string, JsonValue>()
  const visit = (each: JsonValue, at: string) => {
    if (isJsonObject(each))
      for (const [key, inner] of Object.entries(each)) visit(inner, `${at}/${key}`)
    else if (isJsonArray(each) && at.endsWith('/conditions')) {
      for (const inner of each) visit(inner, `${at}/${stringMember(inner, 'type') ?? ''}`)
    } else found.set(at, each)
  }
  visit(value, path)
  return found
}

/** Who owns which leaf of an object. */
export type Ownership = ReadonlyMap<string, string>

/** The result of an apply. */
interface Applied {
  readonly object: JsonObject
  readonly owners: Ownership
}

/**
 * A server-side apply, reduced: fields of others with another value are a conflict unless it is forced;
 * conditions that the manager applied before and no longer applies are dropped.
 *
 * @throws {StatusError} 409
 */
export function applied(
  current: JsonObject,
  given: JsonObject,
  owners: Ownership,
  { manager, isForced }: { readonly manager: string; readonly isForced: boolean }
): Applied {
  const now = leaves(current, '')
  const wanted = [...leaves(given, '')].filter(
    ([path]) => !/^\/(?:apiVersion|kind|metadata\/(?:name|namespace))$/.test(path)
  )
  const conflicts = wanted.filter(([path, value]) => {
    const owner = owners.get(path)
    const isSame = JSON.stringify(now.get(path)) === JSON.stringify(value)
    return owner !== undefined && owner !== manager && !isSame
  })
  if (conflicts.length > 0 && !isForced) {
    const [path = ''] = conflicts[0] ?? []
    throw new StatusError(409, 'Conflict', `conflict with "${owners.get(path)}": ${path}`)
  }
  const paths = new Set(wanted.map(([path]) => path))
  const isGivenUp = (path: string) => owners.get(path) === manager && !paths.has(path)
  return {
    object: withoutConditions(merged(current, given) as JsonObject, isGivenUp),
    owners: new Map([...owners, ...wanted.map(([path]) => [path, manager] as const)])
  }
}

function withoutConditions(object: JsonObject, isGivenUp: (path: string) => boolean): JsonObject {
  const { status } = object
  if (!isJsonObject(status) || !isJsonArray(status.conditions)) return object
  const conditions = status.conditions.filter(
    each => !isGivenUp(`/status/conditions/${stringMember(each, 'type') ?? ''}/type`)
  )
  return { ...object, status: { ...status, conditions } }
}

function merged(target: JsonValue | undefined, given: JsonValue, key = ''): JsonValue {
  if (isJsonArray(given) && key === 'conditions') {
    const types = given.map(each => stringMember(each, 'type'))
    const others = (isJsonArray(target) ? target : []).filter(
      each => !types.includes(stringMember(each, 'type'))
    )
    return [...others, ...given]
  }
  if (!isJsonObject(given)) return given
  const result: Record<string, JsonValue> = { ...(isJsonObject(target) ? target : {}) }
  for (const [name, value] of Object.entries(given))
    result[name] = merged(result[name], value, name)
  return result
}
