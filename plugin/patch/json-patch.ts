import { applyPatch } from 'rfc6902'
import type { Operation } from 'rfc6902'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/**
 * JSON Patch, RFC 6902. All operations apply, or none does.
 *
 * @throws {Fault} `PATCH_FAILED` with the operation that failed, counted from 0
 */
export function jsonPatch(target: JsonObject, operations: readonly Operation[]): JsonObject {
  const copy = deepCopy(target)
  for (const { path } of operations) {
    if (/\/(?:__proto__|constructor|prototype)(?:\/|$)/.test(path)) {
      throw new Fault('PATCH_FAILED', 'a patch cannot reach into JavaScript objects')
    }
  }
  const results = applyPatch(
    copy,
    operations.map(operation => ({ ...operation }))
  )
  const failed = results.findIndex(result => result !== null)
  const error = results[failed]
  if (error !== null && error !== undefined) {
    const operation = operations[failed]
    throw new Fault('PATCH_FAILED', `JSON patch operation ${failed} failed: ${error.name}`, {
      found: `${operation?.op ?? ''} ${operation?.path ?? ''}`
    })
  }
  if (isJsonObject(copy)) return copy
  throw new Fault('PATCH_FAILED', 'the patch leaves no object')
}

function deepCopy(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(deepCopy)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, deepCopy(inner)]))
}
