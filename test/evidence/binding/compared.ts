import type { JsonObject } from '../../../common/json.ts'
import { differencesFrom } from '../../../evidence/binding/binding.ts'
import type { Binding } from '../../../evidence/binding/binding.ts'
import type { Difference } from '../../../evidence/binding/compare.ts'
import { compileExpectation } from '../../../evidence/binding/expectation.ts'
import { isKnownDefault } from '../../../evidence/binding/known-defaults.ts'
import { boundMembers } from '../../../evidence/binding/rendered-object.ts'

/** A comparison of a created object with the rendered one, by both ways. */
export interface Compared {
  readonly differences: readonly Difference[]
  /** Whether the compiled expectation is met. */
  readonly isCertain: boolean
}

/**
 * Compares an object with the rendered one, field by field and by its expectation.
 *
 * @throws {Error} if an expectation is met by an object that differs
 */
export function compared(binds: Binding, rendered: JsonObject, found: JsonObject): Compared {
  const bound = boundMembers(rendered)
  const options = { binds, allowChanges: [], isUpdate: false, isKnownDefault }
  const differences = differencesFrom(bound, found, options)
  const isCertain = compileExpectation(bound, binds)(found)
  if (isCertain && differences.length > 0) {
    throw new Error(
      `the expectation of ${JSON.stringify(rendered)} is met by ${JSON.stringify(found)}`
    )
  }
  return { differences, isCertain }
}
