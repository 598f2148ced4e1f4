import { isJsonObject } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'

/** A schema: an object of keywords, true (accepts everything) or false (accepts nothing). */
export type Schema = JsonObject | boolean

/** Whether a value has the form of a schema; its keywords are not checked. */
export function isSchema(value: JsonValue | undefined): value is Schema {
  return typeof value === 'boolean' || isJsonObject(value)
}
