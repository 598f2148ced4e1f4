import { describeFault, Fault } from '../../common/fault.ts'
import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import { differencesFrom } from '../../evidence/binding/binding.ts'
import type { Binding } from '../../evidence/binding/binding.ts'
import { isKnownDefault } from '../../evidence/binding/known-defaults.ts'
import type { Pointer } from '../../evidence/binding/pointer.ts'
import type { Finding } from '../decision.ts'
import { fixByRender } from './attestation-fix.ts'
import { attestationField } from './attestation.ts'
import { describeDifference } from './difference.ts'
import { renderedObject } from './rendered.ts'
import type { Subject } from './subject.ts'

/** What an object has to share with the rendered one. */
export interface BindingDemand {
  readonly binds: Binding
  readonly allowChanges: readonly Pointer[]
}

/**
 * Reports where an object is not what its statement says was rendered. A statement of v1alpha1 carries no
 * object: with `runs`, only its images, models and opaque fields are bound, as in the release that signed
 * it.
 */
export function bindingFindings(
  { object, operation }: Subject,
  facts: StatedFacts,
  { binds, allowChanges }: BindingDemand
): readonly Finding[] {
  try {
    const rendered = renderedObject(facts)
    if (rendered === undefined) return binds === 'runs' ? [] : [withoutObject]
    if (rendered.isCertainly(object, binds)) return []
    const isUpdate = operation === 'UPDATE'
    const options = { binds, allowChanges, isUpdate, isKnownDefault }
    return differencesFrom(rendered.object, object, options).map(describeDifference)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const [problem = ''] = describeFault(error).split('\n')
    return [{ field: attestationField, problem, fix: fixByRender }]
  }
}

const withoutObject: Finding = {
  field: attestationField,
  problem: 'the attestation does not carry the rendered object: it is of version v1alpha1',
  fix: 'render and sign the object again with this release'
}
