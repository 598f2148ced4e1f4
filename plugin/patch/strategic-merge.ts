import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { isJoinedList, mergeKeyOf } from './merge-keys.ts'

/**
 * Applies a Kubernetes strategic merge patch: objects merge, null removes, and lists with a merge key
 * merge by it, with the items of the patch first, as kubectl and kustomize order them. Supports
 * `$patch: delete|replace|merge`, `$retainKeys` and `$deleteFromPrimitiveList/…`.
 * Source: k8s.io/apimachinery pkg/util/strategicpatch.
 *
 * @throws {Fault} `PATCH_INVALID` for an invalid directive
 */
export function strategicMerge(target: JsonObject, patch: JsonObject): JsonObject {
  const directive = directiveOf(patch)
  if (directive === 'delete') return {}
  if (directive === 'replace') return withoutDirectives(patch)
  const merged = new Map(Object.entries(target))
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || key.startsWith('$setElementOrder/')) continue
    if (key === '$retainKeys') retainKeys(merged, value)
    else if (key.startsWith(deletePrefix))
      deleteItems(merged, key.slice(deletePrefix.length), value)
    else if (value === null) merged.delete(key)
    else mergeMember(merged, key, value)
  }
  return Object.fromEntries(merged)
}

const deletePrefix = '$deleteFromPrimitiveList/'

function mergeMember(merged: Map<string, JsonValue>, key: string, value: JsonValue): void {
  const below = merged.get(key)
  if (isJsonObject(value)) {
    if (directiveOf(value) === 'delete') merged.delete(key)
    else merged.set(key, strategicMerge(isJsonObject(below) ? below : {}, value))
  } else if (isJsonArray(value)) {
    merged.set(key, mergeLists(key, isJsonArray(below) ? below : [], value))
  } else merged.set(key, value)
}

function mergeLists(
  field: string,
  target: readonly JsonValue[],
  patch: readonly JsonValue[]
): readonly JsonValue[] {
  if (
    patch.some(
      item => isJsonObject(item) && directiveOf(item) === 'replace' && isOnlyDirective(item)
    )
  ) {
    return patch.filter(item => !(isJsonObject(item) && isOnlyDirective(item)))
  }
  if (isJoinedList(field)) return [...new Set([...target, ...patch])]
  const items = [...target, ...patch]
  const key = mergeKeyOf(field, name => items.every(item => member(item, name) !== undefined))
  return key === undefined ? patch.map(withoutDirectives) : mergeByKey(key, target, patch)
}

function mergeByKey(
  key: string,
  target: readonly JsonValue[],
  patch: readonly JsonValue[]
): readonly JsonValue[] {
  const remaining = [...target]
  const fromPatch: JsonValue[] = []
  for (const item of patch.filter(isJsonObject)) {
    const at = remaining.findIndex(other => member(other, key) === item[key])
    const [below] = at === -1 ? [] : remaining.splice(at, 1)
    if (directiveOf(item) === 'delete') continue
    fromPatch.push(strategicMerge(isJsonObject(below) ? below : {}, item))
  }
  return [...fromPatch, ...remaining]
}

function retainKeys(merged: Map<string, JsonValue>, keys: JsonValue): void {
  if (!isJsonArray(keys)) throw invalid('$retainKeys must be a list')
  for (const key of merged.keys()) if (!keys.includes(key)) merged.delete(key)
}

function deleteItems(merged: Map<string, JsonValue>, field: string, items: JsonValue): void {
  const below = merged.get(field)
  if (!isJsonArray(items)) throw invalid(`${deletePrefix}${field} must be a list`)
  if (isJsonArray(below))
    merged.set(
      field,
      below.filter(item => !items.includes(item))
    )
}

function directiveOf(patch: JsonObject): 'delete' | 'replace' | 'merge' {
  const directive = member(patch, '$patch') ?? 'merge'
  if (directive === 'delete' || directive === 'replace' || directive === 'merge') return directive
  throw invalid('$patch must be delete, replace or merge')
}

function isOnlyDirective(item: JsonObject): boolean {
  return Object.keys(item).length === 1 && Object.hasOwn(item, '$patch')
}

function withoutDirectives<Value extends JsonValue>(value: Value): Value
function withoutDirectives(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(item => withoutDirectives(item))
  if (!isJsonObject(value)) return value
  const kept = Object.entries(value).filter(
    ([key, inner]) => !key.startsWith('$') && inner !== null
  )
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutDirectives(inner)]))
}

function invalid(message: string): Fault {
  return new Fault('PATCH_INVALID', `strategic patch: ${message}`)
}
