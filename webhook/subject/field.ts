import { isJsonArray, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/**
 * Returns the value at a field path as the workload table writes it (`spec.tasks[0].steps`,
 * `spec.replicas[Worker]`); undefined when there is none, and for a key with a dot, which the path cannot
 * distinguish from two keys.
 */
export function valueAtField(root: JsonValue, field: string): JsonValue | undefined {
  const tokens = field.match(/\[[^\]]*\]|[^.[\]]+/g) ?? []
  let value: JsonValue | undefined = root
  for (const token of tokens) {
    const key: string = token.startsWith('[') ? token.slice(1, -1) : token
    value = isJsonArray(value) ? value[Number(key)] : member(value, key)
  }
  return value
}
