import { isJsonArray, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/**
 * The value at a field path as the workload table writes it (`spec.tasks[0].steps`,
 * `spec.replicas[Worker]`); undefined where it leads nowhere, also for a key that the path cannot
 * tell apart from two.
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
