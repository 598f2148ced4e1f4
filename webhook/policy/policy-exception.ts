import { Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { readUtcTime } from '../../evidence/attestation/key.ts'
import { schemaErrorLines } from '../../evidence/schema-error.ts'
import type { Identity } from '../../evidence/identity.ts'
import type { Violation } from '../decision.ts'
import { fits } from './pattern.ts'
import { validatePolicyException } from './policy-exception-validator.generated.js'
import schema from './policy-exception.schema.json' with { type: 'json' }

/** A valid PolicyException. */
export interface PolicyException {
  readonly name: string
  readonly namespace: string
  readonly policies: readonly { readonly name: string; readonly rules?: readonly string[] }[]
  readonly objects: readonly {
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
 * @throws {Fault} `EXCEPTION_INVALID`
 */
export function readException(object: JsonObject, where: string): PolicyException {
  const errors = [...schemaErrorLines(object, schema, validatePolicyException)]
  const { metadata, spec } = object as unknown as {
    readonly metadata: Pick<PolicyException, 'name' | 'namespace'>
    readonly spec: Omit<PolicyException, 'expiresAt'> & { readonly expiresAt: string }
  }
  if (errors.length === 0 && !isTime(spec.expiresAt)) errors.push('spec.expiresAt: expected a time')
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

/** JavaScript reads February 30 as March 2, and the exception would last longer than it says. */
function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text)) && readUtcTime(`${text.slice(0, 19)}Z`) !== undefined
}

/** True when an exception accepts a violation of an object at a time. */
export function accepts(
  exception: PolicyException,
  violation: Pick<Violation, 'policy' | 'rule'>,
  { kind, namespace, name }: Identity,
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
        kinds.includes(kind) &&
        namespaces.includes(namespace) &&
        names.some(pattern => fits(pattern, name))
    )
  )
}
