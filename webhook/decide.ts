import { provenanceOf } from './decision.ts'
import type { Decision, Exempted, Violation } from './decision.ts'
import type { Labels } from './policy/label-selector.ts'
import { matches } from './policy/match.ts'
import { accepts } from './policy/policy-exception.ts'
import type { PolicySet, ReadyPolicy } from './policy/policy-set.ts'
import type { CompiledRule } from './rule/compile.ts'
import type { RuleInput } from './rule/context.ts'
import type { Subject } from './subject/subject.ts'
import { isUnchangedFor } from './unchanged/unchanged.ts'

/** An object that is ready to be judged. */
export interface Evaluation {
  readonly input: RuleInput
  /** The policies that select the object. */
  readonly policies: readonly ReadyPolicy[]
}

const warning = ['Warn'] as const
const none: readonly Violation[] = []

/** Judges by every rule, separates what an exception accepts, and what an update leaves as it was. */
export function decide(
  { input, policies }: Evaluation,
  { exceptions }: PolicySet,
  { namespaceLabels, now }: { readonly namespaceLabels: Labels | undefined; readonly now: Date }
): Decision {
  const { identity } = input.subject
  const denying: Violation[] = []
  const others: Violation[] = []
  const exempted: Exempted[] = []
  const unchanged: string[] = []
  for (const policy of policies) {
    for (const rule of policy.rules) {
      const found = violationsOf(policy, rule, input)
      if (found.length > 0 && isAsBefore(policy, rule, input.subject, namespaceLabels)) {
        unchanged.push(`${policy.name}/${rule.name}`)
        continue
      }
      for (const violation of found) {
        const violations = denies(violation) ? denying : others
        const exception = exceptions.find(each => accepts(each, violation, identity, now))
        if (exception === undefined) violations.push(violation)
        else exempted.push({ violation, exception: `${exception.namespace}/${exception.name}` })
      }
    }
  }
  return {
    kind: denying.length > 0 ? 'denied' : 'allowed',
    object: identity,
    policies: policies.map(({ name }) => name),
    violations: others.length === 0 ? denying : [...denying, ...others],
    exempted,
    ...(unchanged.length > 0 ? { unchanged } : {}),
    ...(input.attestation.kind === 'verified' ? provenanceOf(input.attestation) : {})
  }
}

function violationsOf(
  { name, actions }: ReadyPolicy,
  rule: CompiledRule,
  input: RuleInput
): readonly Violation[] {
  const findings = rule.judge(input)
  if (findings.length === 0) return none
  return findings.map(({ isOnlyWarning, ...finding }) => {
    const applied = isOnlyWarning === true ? warning : actions
    return { policy: name, rule: rule.name, actions: applied, ...finding }
  })
}

/** True for an update before which the policy selected the object too, and the rule saw the same. */
function isAsBefore(
  { match }: ReadyPolicy,
  { looksAt }: CompiledRule,
  subject: Subject,
  namespaceLabels: Labels | undefined
): boolean {
  const { object, oldObject, ...rest } = subject
  if (oldObject === undefined || !isUnchangedFor(looksAt, subject)) return false
  return [object, oldObject].every(each =>
    matches(match, { ...rest, object: each }, namespaceLabels)
  )
}

/** True if a policy, or a violation of it, refuses an object. */
export function denies({ actions }: Pick<Violation, 'actions'>): boolean {
  return actions.includes('Deny')
}
