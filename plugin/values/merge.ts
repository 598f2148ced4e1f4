import { isJsonObject } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/**
 * Merges `over` into `under`, as Helm does: objects merge by key, anything else is replaced, and null
 * removes a key of `under`.
 */
export function mergeValues(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, JsonValue> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(under, key) ? under[key] : undefined
    if (value === null && below !== undefined) Reflect.deleteProperty(merged, key)
    else
      merged[key] = isJsonObject(value) && isJsonObject(below) ? mergeValues(below, value) : value
  }
  return merged
}

/** As {@link mergeValues}, but a null stays in the result, for a reader that takes defaults away by it. */
export function mergeKeepingNulls(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, JsonValue> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(under, key) ? under[key] : undefined
    merged[key] =
      isJsonObject(value) && isJsonObject(below) ? mergeKeepingNulls(below, value) : value
  }
  return merged
}
