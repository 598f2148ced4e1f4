import { Fault } from '../../common/fault.ts'
import { isJsonObject, stringMember } from '../../common/json.ts'
import { compileRules } from '../rule/compile.ts'
import type { CompiledRule } from '../rule/compile.ts'
import type { ModelPolicy } from './model-policy.ts'
import { readException } from './policy-exception.ts'
import type { PolicyException } from './policy-exception.ts'
import { openPolicySource } from './policy-source.ts'
import type { PolicySource } from './policy-source.ts'
import { readPolicy } from './read-policy.ts'

/** A policy with its compiled rules. */
export interface ReadyPolicy extends Omit<ModelPolicy, 'rules'> {
  readonly rules: readonly CompiledRule[]
}

/** The policies and exceptions that answer one path. */
export interface PolicySet {
  readonly policies: readonly ReadyPolicy[]
  readonly exceptions: readonly PolicyException[]
}

/** True when a set has a `cel` rule, which needs an evaluator process. */
export function usesCel({ policies }: PolicySet): boolean {
  return policies.some(({ rules }) => rules.some(({ cel }) => cel !== undefined))
}

/**
 * Builds a set from its objects, with policies in the order of their names. One invalid object makes the
 * whole set invalid: half of a set would admit what the other half refuses.
 *
 * @param exceptionNamespaces namespaces whose exceptions are accepted
 * @throws {Fault} the first object's fault; `POLICY_DUPLICATE`; `POLICY_KIND_UNKNOWN`;
 *   `EXCEPTION_NOT_ALLOWED`
 */
export function buildPolicySet(
  sources: readonly PolicySource[],
  exceptionNamespaces: readonly string[]
): PolicySet {
  const policies = new Map<string, ReadyPolicy>()
  const exceptions: PolicyException[] = []
  for (const { value, where, lineOf } of sources.flatMap(openPolicySource)) {
    const kind = stringMember(value, 'kind')
    if (isJsonObject(value) && kind === 'ModelPolicy') {
      const policy = readPolicy(value, where, lineOf)
      if (policies.has(policy.name)) {
        throw new Fault('POLICY_DUPLICATE', `the policy ${policy.name} is defined twice`, { where })
      }
      policies.set(policy.name, { ...policy, rules: compileRules(policy, where) })
    } else if (isJsonObject(value) && kind === 'PolicyException') {
      const exception = readException(value, where, lineOf)
      exceptions.push(allowedException(exception, exceptionNamespaces, where))
    } else {
      throw new Fault('POLICY_KIND_UNKNOWN', 'this is not a policy', {
        where,
        found: kind ?? 'an object without a kind',
        expected: 'ModelPolicy or PolicyException'
      })
    }
  }
  const ordered = [...policies.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { policies: ordered, exceptions }
}

function allowedException(
  exception: PolicyException,
  namespaces: readonly string[],
  where: string
): PolicyException {
  if (namespaces.includes(exception.namespace)) return exception
  throw new Fault('EXCEPTION_NOT_ALLOWED', 'exceptions in this namespace are not accepted', {
    where,
    found: exception.namespace,
    expected: namespaces.join(', ') || 'none; see --exception-namespace'
  })
}
