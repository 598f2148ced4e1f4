import { isJsonArray, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/**
 * The value at a field path as the workload table writes it (`spec.tasks[0].steps`,
 * `spec.replicas[Worker]`); undefined where it leads nowhere, also for a key that the path cannot
 * tell apart from two.
 */
export function valueAtField(root: JsonValue, field: string): JsonValue | undefined {
  return valueAt(root, keysOf(field))
}

/** The keys and indexes of a field path, from the root on. */
export function keysOf(field: string): readonly string[] {
  const tokens = field.match(/\[[^\]]*\]|[^.[\]]+/g) ?? []
  return tokens.map(token => (token.startsWith('[') ? token.slice(1, -1) : token))
}

/** The value that keys and indexes lead to; undefined where they lead nowhere. */
export function valueAt(root: JsonValue, keys: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = root
  for (const key of keys) value = isJsonArray(value) ? value[Number(key)] : member(value, key)
  return value
}

/** The path without its last member: `spec.containers[0]` of `spec.containers[0].image`. */
export function parentField(field: string): string {
  return field.slice(0, Math.max(0, field.lastIndexOf('.')))
}
