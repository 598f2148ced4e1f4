import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import { decodeRendered } from '../../evidence/binding/rendered-object.ts'
import type { EncodedObject } from '../../evidence/binding/rendered-object.ts'
import type { JsonObject } from '../../common/json.ts'

const decoded = new WeakMap<EncodedObject, JsonObject>()

/**
 * The rendered object of a statement, decoded once for each statement that is kept; undefined for a
 * statement of v1alpha1, which carries none.
 *
 * @throws {Fault} `ATTESTATION_INVALID`
 */
export function renderedObject({ rendered }: StatedFacts): JsonObject | undefined {
  if (rendered === undefined) return undefined
  const known = decoded.get(rendered)
  if (known !== undefined) return known
  const object = decodeRendered(rendered)
  decoded.set(rendered, object)
  return object
}
