import { isJsonArray, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** A condition as a controller sets it (apimachinery meta/v1 `Condition`). */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  /** One CamelCase word for programs. */
  readonly reason: string
  /** A sentence for people. */
  readonly message: string
  readonly observedGeneration: number
}

/** The API server refuses longer ones. */
const maxMessageCharacters = 32_768

/** The condition of a type among `status.conditions`. */
export function findCondition(
  conditions: JsonValue | undefined,
  type: string
): JsonValue | undefined {
  const all: readonly JsonValue[] = isJsonArray(conditions) ? conditions : []
  return all.find(each => stringMember(each, 'type') === type)
}

/**
 * A condition to write: its `lastTransitionTime` stays while its status stays.
 *
 * @param conditions `status.conditions` of the object as it is
 */
export function writeCondition(
  condition: Condition,
  conditions: JsonValue | undefined,
  now: Date
): JsonObject {
  const last = findCondition(conditions, condition.type)
  const isSame = stringMember(last, 'status') === condition.status
  const since = isSame ? stringMember(last, 'lastTransitionTime') : undefined
  const { type, status, reason, observedGeneration } = condition
  return {
    type,
    status,
    reason,
    message: condition.message.slice(0, maxMessageCharacters),
    observedGeneration,
    lastTransitionTime: since ?? now.toISOString().replace(/\.\d+Z$/, 'Z')
  }
}

/** Whether an object already has the condition, whatever its `lastTransitionTime`. */
export function saysAlready(condition: Condition, conditions: JsonValue | undefined): boolean {
  const last = findCondition(conditions, condition.type)
  const keys = ['status', 'reason', 'message', 'observedGeneration'] as const
  return keys.every(key => member(last, key) === condition[key])
}
