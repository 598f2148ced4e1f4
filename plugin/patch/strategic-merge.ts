import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { inOrder, isElementOrder, setElementOrders } from './element-order.ts'
import { declaredMergeKey, isJoinedList, usualMergeKey } from './merge-keys.ts'
import type { ListPlace } from './merge-keys.ts'

/**
 * Applies a Kubernetes strategic merge patch: objects merge, null removes, and lists with a merge key
 * merge by it: merged items keep their positions unless the patch has them in another order, and a new item
 * follows the item before it in the patch or comes first, as with kubectl 1.32. Supports
 * `$patch: delete|replace|merge`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…`.
 * Source: k8s.io/apimachinery pkg/util/strategicpatch.
 *
 * @throws {Fault} `PATCH_INVALID` for an invalid directive, and for an item without the merge key that
 *   Kubernetes declares for its list
 */
export function strategicMerge(target: JsonObject, patch: JsonObject): JsonObject {
  return mergeObjects(target, patch, { object: { ...patch, ...target }, path: [] })
}

type Place = Omit<ListPlace, 'isInPodSpec'>

function mergeObjects(target: JsonObject, patch: JsonObject, place: Place): JsonObject {
  const directive = directiveOf(patch)
  if (directive === 'delete') return {}
  if (directive === 'replace') {
    return replacing(Object.fromEntries(Object.entries(patch).filter(([key]) => key !== '$patch')))
  }
  const merged = new Map(Object.entries(target))
  const isInPodSpec = [target, patch].some(object => isJsonArray(member(object, 'containers')))
  const placeOf = (key: string) => {
    return { object: place.object, path: [...place.path, key], isInPodSpec }
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || isElementOrder(key)) continue
    if (key === '$retainKeys') retainKeys(merged, value)
    else if (key.startsWith(deletePrefix))
      deleteItems(merged, key.slice(deletePrefix.length), value)
    else if (value === null) merged.delete(key)
    else mergeMember(merged, key, value, placeOf(key))
  }
  setElementOrders(merged, { target, patch, placeOf })
  return Object.fromEntries(merged)
}

const deletePrefix = '$deleteFromPrimitiveList/'

function mergeMember(
  merged: Map<string, JsonValue>,
  key: string,
  value: JsonValue,
  place: ListPlace
): void {
  const below = merged.get(key)
  if (isJsonObject(value)) {
    if (directiveOf(value) === 'delete') merged.delete(key)
    else merged.set(key, mergeObjects(isJsonObject(below) ? below : {}, value, place))
  } else if (isJsonArray(value)) {
    merged.set(key, mergeLists(place, isJsonArray(below) ? below : [], value))
  } else merged.set(key, value)
}

function mergeLists(
  place: ListPlace,
  target: readonly JsonValue[],
  patch: readonly JsonValue[]
): readonly JsonValue[] {
  const declared = declaredMergeKey(place)
  const isReplaced = patch.some(
    item => isJsonObject(item) && directiveOf(item) === 'replace' && isOnlyDirective(item)
  )
  if (isReplaced) {
    const kept = patch.filter(item => !(isJsonObject(item) && isOnlyDirective(item)))
    if (declared !== undefined) requireKey(declared, place, kept, 'the patch')
    return replacing(kept)
  }
  if (isJoinedList(place)) {
    const added = new Set(patch)
    return inOrder(
      [...added],
      target.filter(item => !added.has(item)),
      target,
      item => item
    )
  }
  if (declared !== undefined) {
    requireKey(declared, place, patch, 'the patch')
    requireKey(declared, place, target, 'the object')
  }
  const key = declared ?? usualMergeKey(place, [...target, ...patch])
  return key === undefined
    ? patch.map(item => replacing(item))
    : mergeByKey(key, target, patch, place)
}

function requireKey(
  key: string,
  { path }: ListPlace,
  items: readonly JsonValue[],
  where: string
): void {
  const index = items.findIndex(item => !isJsonObject(item) || (member(item, key) ?? null) === null)
  if (index === -1) return
  throw new Fault(
    'PATCH_INVALID',
    `strategic patch: an item of ${path.join('.')} has no ${key}, its merge key`,
    {
      found: `item ${index} of the list in ${where}`,
      expected: `${key} in every item: Kubernetes merges the list by it`,
      remedy: `Add ${key}, or use a json patch, which addresses items by index.`
    }
  )
}

function mergeByKey(
  key: string,
  target: readonly JsonValue[],
  patch: readonly JsonValue[],
  place: ListPlace
): readonly JsonValue[] {
  const remaining = [...target]
  const fromPatch: JsonValue[] = []
  for (const item of patch.filter(isJsonObject)) {
    const at = remaining.findIndex(other => member(other, key) === item[key])
    const [below] = at === -1 ? [] : remaining.splice(at, 1)
    if (directiveOf(item) === 'delete') continue
    fromPatch.push(mergeObjects(isJsonObject(below) ? below : {}, item, place))
  }
  return inOrder(fromPatch, remaining, target, item => member(item, key))
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

const directiveKey = /^\$(?:patch|retainKeys|setElementOrder\/.*|deleteFromPrimitiveList\/.*)$/

/**
 * A value that replaces another one, without its nulls. Nothing is merged in it, so that a directive has no
 * meaning: an item with `$patch: delete` would be added.
 */
function replacing<Value extends JsonValue | readonly JsonValue[]>(value: Value): Value
function replacing(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(item => replacing(item))
  if (!isJsonObject(value)) return value
  const kept = Object.entries(value).filter(([, inner]) => inner !== null)
  return Object.fromEntries(
    kept.map(([key, inner]) => {
      if (directiveKey.test(key))
        throw invalid(`${key} is in a list or an object that is replaced, not merged`)
      return [key, replacing(inner)]
    })
  )
}

function invalid(message: string): Fault {
  return new Fault('PATCH_INVALID', `strategic patch: ${message}`)
}
