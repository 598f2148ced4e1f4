import { Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { readUtcTime } from '../../evidence/attestation/key.ts'
import { schemaErrorLines } from '../../evidence/schema-error.ts'
import type { Identity } from '../../evidence/identity.ts'
import type { Violation } from '../decision.ts'
import { meansKind, readKindName } from './kind-name.ts'
import { fitsName } from './object-name.ts'
import type { LineOf } from './policy-source.ts'
import { validatePolicyException } from './policy-exception-validator.generated.js'
import schema from './policy-exception.schema.json' with { type: 'json' }

/** A valid PolicyException. */
export interface PolicyException {
  readonly name: string
  readonly namespace: string
  readonly policies: readonly { readonly name: string; readonly rules?: readonly string[] }[]
  readonly objects: readonly {
    /** `GROUP/KIND`, or a kind alone ({@link readKindName}). */
    readonly kinds: readonly string[]
    readonly namespaces: readonly string[]
    readonly names: readonly string[]
  }[]
  readonly reason: string
  readonly expiresAt: Date
}

/**
 * Reads a PolicyException.
 *
 * @param lineOf returns the lines of its fields in its file
 * @throws {Fault} `EXCEPTION_INVALID`
 */
export function readException(object: JsonObject, where: string, lineOf?: LineOf): PolicyException {
  const errors = [
    ...schemaErrorLines(object, schema, validatePolicyException, { lineOf, quotesWords: true })
  ]
  const { metadata, spec } = object as unknown as {
    readonly metadata: Pick<PolicyException, 'name' | 'namespace'>
    readonly spec: Omit<PolicyException, 'expiresAt'> & { readonly expiresAt: string }
  }
  if (errors.length === 0) {
    if (!isTime(spec.expiresAt)) errors.push('spec.expiresAt: expected a time')
    errors.push(...ambiguousKinds(spec.objects))
  }
  if (errors.length > 0) {
    const lines = errors.map(line => `\n  ${line}`).join('')
    throw new Fault('EXCEPTION_INVALID', `the exception cannot be used:${lines}`, { where })
  }
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    policies: spec.policies,
    objects: spec.objects,
    reason: spec.reason,
    expiresAt: new Date(spec.expiresAt)
  }
}

function ambiguousKinds(objects: PolicyException['objects']): readonly string[] {
  return objects.flatMap(({ kinds }, at) =>
    kinds.flatMap((text, index) => {
      const named = readKindName(text)
      if (named.kind !== 'ambiguous') return []
      const choices = named.groups.map(group => `${group}/${text}`).join(' or ')
      return [`spec.objects[${at}].kinds[${index}]: several groups have ${text}: write ${choices}`]
    })
  )
}

/** JavaScript reads February 30 as March 2, and the exception would last longer than it says. */
function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text)) && readUtcTime(`${text.slice(0, 19)}Z`) !== undefined
}

/** True when an exception accepts a violation of an object at a time. */
export function accepts(
  exception: PolicyException,
  violation: Pick<Violation, 'policy' | 'rule'>,
  object: Identity,
  now: Date
): boolean {
  // An invalid date compares as false: the exception has no effect.
  if (!(now.getTime() < exception.expiresAt.getTime())) return false
  const isNamed = exception.policies.some(
    ({ name: policy, rules }) =>
      policy === violation.policy && (rules === undefined || rules.includes(violation.rule))
  )
  return (
    isNamed &&
    exception.objects.some(
      ({ kinds, namespaces, names }) =>
        namespaces.includes(object.namespace) &&
        kinds.some(text => meansKind(text, object)) &&
        names.some(pattern => fitsName(pattern, object))
    )
  )
}
