import type { Key } from '../evidence/attestation/key.ts'
import type { Decision, Exempted, Violation } from './decision.ts'
import type { Labels } from './policy/label-selector.ts'
import { matches } from './policy/match.ts'
import { excuses } from './policy/policy-exception.ts'
import type { PolicySet, ReadyPolicy } from './policy/policy-set.ts'
import type { RuleInput } from './rule/context.ts'
import { verifyAttestation } from './subject/attestation.ts'
import type { Attestation } from './subject/attestation.ts'
import { exemptionOf } from './subject/exemption.ts'
import type { Subject } from './subject/subject.ts'

/** What an evaluation needs beside the object and the policies. */
export interface EvaluationContext {
  readonly trustedKeys: readonly Key[]
  readonly now: Date
  /** Of the object's namespace; undefined where they cannot be known. */
  readonly namespaceLabels: Labels | undefined
  /** User names of controllers whose children were judged as their parents. */
  readonly controllers: readonly string[]
}

/**
 * Judges one object by every policy: all violations of all policies, for the API server shows a user
 * only one webhook's answer. The webhook, `mlgitops check` and its tests call this same function.
 */
export function evaluate(
  subject: Subject,
  { policies, exceptions }: PolicySet,
  context: EvaluationContext
): Decision {
  const exemption = exemptionOf(subject, context.controllers)
  if (exemption !== undefined) {
    return { kind: 'allowed', object: subject.identity, violations: [], exempted: [], exemption }
  }
  const attestation = verifyAttestation(subject, context.trustedKeys)
  const input = { subject, attestation, now: context.now }
  const violations: Violation[] = []
  const exempted: Exempted[] = []
  for (const policy of policies) {
    if (!matches(policy.match, subject, context.namespaceLabels)) continue
    for (const violation of violationsOf(policy, input)) {
      const exception = exceptions.find(each =>
        excuses(each, violation, subject.identity, context.now)
      )
      if (exception === undefined) violations.push(violation)
      else exempted.push({ violation, exception: `${exception.namespace}/${exception.name}` })
    }
  }
  const isDenied = violations.some(denies)
  return {
    kind: isDenied ? 'denied' : 'allowed',
    object: subject.identity,
    violations: [...violations.filter(denies), ...violations.filter(each => !denies(each))],
    exempted,
    ...threadOf(attestation)
  }
}

function violationsOf(policy: ReadyPolicy, input: RuleInput): readonly Violation[] {
  return policy.rules.flatMap(({ name, judge }) =>
    judge(input).map(finding => {
      return { policy: policy.name, rule: name, actions: policy.actions, ...finding }
    })
  )
}

function denies({ actions }: Violation): boolean {
  return actions.includes('Deny')
}

function threadOf(attestation: Attestation): Pick<Decision, 'thread'> {
  if (attestation.kind === 'refused') return {}
  const { commit, modelCommit } = attestation.facts.source
  return { thread: { keyId: attestation.keyId, commit, modelCommit } }
}
