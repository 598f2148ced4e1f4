import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { declaredMergeKey, isJoinedList, usualMergeKey } from './merge-keys.ts'
import type { ListPlace } from './merge-keys.ts'

const prefix = '$setElementOrder/'

/** Whether a member of a patch is the order of a list instead of a value. */
export const isElementOrder = (key: string): boolean => key.startsWith(prefix)

/**
 * Merges two lists by the positions in the target; items that it does not have follow the item before them
 * in the patch.
 */
export function inOrder(
  patch: readonly JsonValue[],
  others: readonly JsonValue[],
  target: readonly JsonValue[],
  keyOf: (item: JsonValue) => JsonValue | undefined
): readonly JsonValue[] {
  const positions = new Map(target.map((item, index) => [keyOf(item), index]))
  const left = [...patch]
  const merged: JsonValue[] = []
  for (const other of others) {
    const at = positions.get(keyOf(other)) ?? 0
    while (left.length > 0 && (positions.get(keyOf(left[0] ?? null)) ?? -1) < at)
      merged.push(left.shift() ?? null)
    merged.push(other)
  }
  return [...merged, ...left]
}

/** An object that was merged from a target and a patch; `placeOf` says where a list of it is. */
export interface MergedObject {
  readonly target: JsonObject
  readonly patch: JsonObject
  readonly placeOf: (field: string) => ListPlace
}

/**
 * Puts lists of a merged object into the orders that `$setElementOrder/FIELD` of the patch gives, as kubectl
 * 1.32 does: the items that it names come in its order, the others keep their positions.
 *
 * @throws {Fault} `PATCH_INVALID` for an order that is no list or of a list without a merge key, and for items
 *   of the patch that the order does not have in theirs
 */
export function setElementOrders(
  merged: Map<string, JsonValue>,
  { target, patch, placeOf }: MergedObject
): void {
  for (const directive of Object.keys(patch).filter(isElementOrder)) {
    const field = directive.slice(prefix.length)
    const order = patch[directive]
    if (!isJsonArray(order)) throw invalid(`${directive} must be a list`)
    const list = merged.get(field)
    if (list === undefined) continue
    if (!isJsonArray(list)) throw invalid(`${directive}: ${field} is not a list`)
    const [before, given] = [target[field], patch[field]].map(value =>
      isJsonArray(value) ? value : []
    )
    const keyOf = keysOf(directive, placeOf(field), [...list, ...order])
    const keys = order.map(keyOf)
    requireSameOrder(directive, keys, (given ?? []).filter(isKept).map(keyOf))
    const named = keys.flatMap(key => list.filter(item => keyOf(item) === key))
    const others = [...(before ?? []).map(keyOf), ...list.map(keyOf)]
      .filter((key, at, all) => all.indexOf(key) === at && !keys.includes(key))
      .flatMap(key => list.filter(item => keyOf(item) === key))
    merged.set(field, inOrder(named, others, before ?? [], keyOf))
  }
}

/** What identifies an item of a list. */
function keysOf(
  directive: string,
  place: ListPlace,
  items: readonly JsonValue[]
): (item: JsonValue) => JsonValue {
  if (isJoinedList(place)) return item => item
  const key = declaredMergeKey(place) ?? usualMergeKey(place, items)
  if (key === undefined) throw invalid(`${directive}: the list has no merge key`)
  return item => {
    const value = isJsonObject(item) ? (member(item, key) ?? null) : null
    if (value === null) throw invalid(`${directive}: an item has no ${key}, its merge key`)
    return value
  }
}

const isKept = (item: JsonValue) => !isJsonObject(item) || member(item, '$patch') !== 'delete'

/** The items of a patch must be in the order's own order; an empty order allows any. */
function requireSameOrder(
  directive: string,
  order: readonly JsonValue[],
  items: readonly JsonValue[]
): void {
  if (order.length === 0) return
  let at = 0
  for (const key of order) if (at < items.length && items[at] === key) at += 1
  if (at === items.length) return
  throw new Fault('PATCH_INVALID', `strategic patch: ${directive} does not fit the patch's list`, {
    found: `${JSON.stringify(items[at])} in the list, and ${JSON.stringify(order)} as the order`,
    expected: 'each item of the list in the order, in the same sequence',
    remedy: 'Change the order, or remove it: the items of the list have an order of their own.'
  })
}

function invalid(message: string): Fault {
  return new Fault('PATCH_INVALID', `strategic patch: ${message}`)
}
