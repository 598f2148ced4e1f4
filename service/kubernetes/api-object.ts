import { isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** An object of the API server, with the metadata that most callers read. */
export interface ApiObject {
  /** Empty for one of the cluster. */
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Opaque; equal only if nothing changed. */
  readonly resourceVersion: string
  /** Counts changes of the spec; undefined for kinds that do not count. */
  readonly generation: number | undefined
  readonly body: JsonObject
}

/**
 * An object as the API server sent it, or undefined if it has no name or version. Its managedFields are
 * left out: nothing here reads them, and they are often half of an object.
 */
export function readApiObject(value: JsonValue | undefined): ApiObject | undefined {
  const metadata = member(value, 'metadata')
  const name = stringMember(metadata, 'name')
  const resourceVersion = stringMember(metadata, 'resourceVersion')
  if (!isJsonObject(value) || name === undefined || resourceVersion === undefined) return undefined
  const generation = member(metadata, 'generation')
  return {
    namespace: stringMember(metadata, 'namespace') ?? '',
    name,
    uid: stringMember(metadata, 'uid') ?? '',
    resourceVersion,
    generation: typeof generation === 'number' ? generation : undefined,
    body: withoutManagedFields(value, metadata)
  }
}

function withoutManagedFields(object: JsonObject, metadata: JsonValue | undefined): JsonObject {
  if (!isJsonObject(metadata) || !Object.hasOwn(metadata, 'managedFields')) return object
  const kept = Object.entries(metadata).filter(([key]) => key !== 'managedFields')
  return { ...object, metadata: Object.fromEntries(kept) }
}

/** `namespace/name`, and `/name` for an object of the cluster. */
export function objectKey({ namespace, name }: Pick<ApiObject, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}
