import { isJsonObject } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'

/** Fields of metadata that the API server maintains. */
const maintained = ['resourceVersion', 'managedFields', 'generation']

/** Returns an object without the metadata that the API server maintains, and without these fields of it. */
export function withoutMaintained(object: JsonObject, fields: readonly string[] = []): JsonObject {
  const { metadata, ...rest } = object
  const left = [...maintained, ...fields]
  const kept = Object.entries(isJsonObject(metadata) ? metadata : {}).filter(
    ([key]) => !left.includes(key)
  )
  return { ...rest, metadata: Object.fromEntries(kept) }
}
