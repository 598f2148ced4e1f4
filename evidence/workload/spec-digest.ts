import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { digestOpaque } from './opaque-digest.ts'

/**
 * Returns the digest of an object's whole `spec`: SHA-256 in lower case hex of its JSON, members in code
 * unit order. Members that are null count as absent, because the API server drops them. An absent spec
 * counts as null.
 */
export function digestSpec({ spec = null }: JsonObject): string {
  return digestOpaque({ value: withoutNull(spec) })
}

function withoutNull(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(withoutNull)
  if (!isJsonObject(value)) return value
  const kept = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNull(member)]))
}
