import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import { registeredModel, registryUris } from '../../evidence/workload/registry.ts'
import type { RegistryUris } from '../../evidence/workload/registry.ts'
import type { Subject } from './subject.ts'

/**
 * Returns the model URIs of a registry entry; undefined if the object is not known to be one. The fields
 * of our RegisteredModel are known; those of other kinds are in their attestation.
 *
 * @param facts undefined without a verified attestation
 */
export function registryUrisOf(
  { object, identity }: Subject,
  facts: StatedFacts | undefined
): RegistryUris | undefined {
  const { group, kind, uris } = registeredModel
  const isOurs = identity.group === group && identity.kind === kind
  const fields = isOurs ? uris : facts?.registry?.uris
  return fields === undefined ? undefined : registryUris(object, fields)
}
