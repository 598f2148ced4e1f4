import type { Violation } from '../decision.ts'
import type { Labels } from '../policy/label-selector.ts'
import { matches } from '../policy/match.ts'
import type { ReadyPolicy } from '../policy/policy-set.ts'
import type { CompiledRule } from '../rule/compile.ts'
import type { Admitted } from './admitted.ts'

/** What it takes to tell which violations of a child its owner answers. */
export interface AnswerContext {
  readonly policies: readonly ReadyPolicy[]
  readonly namespaceLabels: Labels | undefined
  readonly now: Date
}

/**
 * Returns the violations of a child that its owner does not answer. It answers:
 *
 * - all of a policy that selects the owner too: the owner was judged by it
 * - `provenance` and `biasAudit` of any other policy, if that rule has nothing against the owner: they
 *   need an attestation, and a child has none of its own
 *
 * A policy that selects the child and not its owner was written for what is made, so its other rules judge
 * the child.
 */
export function unansweredBy(
  admitted: Admitted,
  violations: readonly Violation[],
  context: AnswerContext
): readonly Violation[] {
  const unanswered = new Map<string, boolean>()
  return violations.filter(({ policy: policyName, rule: ruleName }) => {
    const key = JSON.stringify([policyName, ruleName])
    const known = unanswered.get(key)
    if (known !== undefined) return known
    const policy = context.policies.find(({ name }) => name === policyName)
    const rule = policy?.rules.find(({ name }) => name === ruleName)
    const isAnswered =
      policy !== undefined &&
      rule !== undefined &&
      (selectsOwner(policy, admitted, context) || isSatisfiedBy(admitted, rule, context))
    unanswered.set(key, !isAnswered)
    return !isAnswered
  })
}

/** Whether a policy was asked about the owner when it was created. */
function selectsOwner(
  { match: { operations, ...match } }: ReadyPolicy,
  { subject }: Admitted,
  { namespaceLabels }: AnswerContext
): boolean {
  if (operations?.includes('CREATE') === false) return false
  return matches(match, subject, namespaceLabels)
}

function isSatisfiedBy(
  { subject, keyId, version, facts }: Admitted,
  { type, judge }: CompiledRule,
  { now }: AnswerContext
): boolean {
  if (type !== 'provenance' && type !== 'biasAudit') return false
  const attestation = { kind: 'verified', keyId, version, facts } as const
  return judge({ subject, attestation, now, celAnswers: new Map() }).length === 0
}
