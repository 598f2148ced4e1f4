import type { Key } from '../evidence/attestation/key.ts'
import type { CelEvaluator, CelAnswers } from './cel/evaluator.ts'
import { provenanceOf } from './decision.ts'
import type { Decision, Exempted, Violation } from './decision.ts'
import { operatorOf, passAsChild } from './owner/pass-as-child.ts'
import type { Owners } from './owner/pass-as-child.ts'
import type { Labels } from './policy/label-selector.ts'
import { matches } from './policy/match.ts'
import type { CelOptions } from './policy/model-policy.ts'
import { accepts } from './policy/policy-exception.ts'
import type { PolicySet, ReadyPolicy } from './policy/policy-set.ts'
import { celBindings } from './rule/cel.ts'
import type { CompiledRule } from './rule/compile.ts'
import type { RuleInput } from './rule/context.ts'
import { verifyAttestation } from './subject/attestation.ts'
import { exemptionOf } from './subject/exemption.ts'
import type { Subject } from './subject/subject.ts'
import { isUnchangedFor } from './unchanged/unchanged.ts'

/** What an evaluation needs besides the object and the policies. */
export interface EvaluationContext {
  readonly trustedKeys: readonly Key[]
  readonly now: Date
  /** Labels of the object's namespace; undefined when they are unknown. */
  readonly namespaceLabels: Labels | undefined
  /** User names of controllers. Their objects are not judged, because the parents were. */
  readonly controllers: readonly string[]
  /** Undefined where no cluster is, and where no operator is trusted. */
  readonly owners?: Owners | undefined
}

interface Evaluation {
  readonly input: RuleInput
  /** The policies that select the object. */
  readonly policies: readonly ReadyPolicy[]
}

const warning = ['Warn'] as const
const noAnswers: CelAnswers = new Map()

interface CelContext {
  readonly evaluator: CelEvaluator
  readonly timeLeftMs?: number | undefined
}

/**
 * Judges one object by every policy and returns all violations, because the API server shows a user
 * the answer of only one webhook. The webhook, `mlgitops check` and its tests call this same function.
 * The decision is synchronous unless a `cel` rule selects the object, or an operator made it and it
 * violates a policy.
 *
 * @throws {Fault} as {@link CelEvaluator.evaluate}
 */
export function evaluateWithCel(
  subject: Subject,
  set: PolicySet,
  context: EvaluationContext,
  cel: CelContext
): Decision | Promise<Decision> {
  const exemption = exemptionOf(subject, context.controllers)
  if (exemption !== undefined) return exempt(subject, exemption)
  const decision = judge(subject, set, context, cel)
  const { owners } = context
  if (owners === undefined) return decision
  const operator = operatorOf(subject, owners.operators)
  if (operator === undefined) return decision
  const { source } = owners
  const pass = (judged: Decision) =>
    judged.violations.length === 0
      ? judged
      : passAsChild(subject, judged, operator, { ...context, source, timeLeftMs: cel.timeLeftMs })
  return decision instanceof Promise ? decision.then(pass) : pass(decision)
}

function judge(
  subject: Subject,
  set: PolicySet,
  context: EvaluationContext,
  { evaluator, timeLeftMs }: CelContext
): Decision | Promise<Decision> {
  const evaluation = prepare(subject, set, context)
  const rules = celRulesOf(evaluation.policies)
  if (rules.length === 0) return decide(evaluation, set, context)
  const bindings = celBindings(subject, evaluation.input.attestation)
  return evaluator.evaluate(rules, bindings, timeLeftMs).then(answers => {
    const celAnswers = new Map(
      answers.flatMap((answer, index) => {
        const rule = rules[index]
        return rule === undefined ? [] : [[rule, answer]]
      })
    )
    const input = { ...evaluation.input, celAnswers }
    return decide({ ...evaluation, input }, set, context)
  })
}

/** Rules that can deny come first, so that a rule that only warns cannot use up their time. */
function celRulesOf(policies: readonly ReadyPolicy[]): readonly CelOptions[] {
  const denying: CelOptions[] = []
  const others: CelOptions[] = []
  for (const policy of policies) {
    for (const { cel } of policy.rules) {
      if (cel !== undefined) (denies(policy) ? denying : others).push(cel)
    }
  }
  denying.push(...others)
  return denying
}

function prepare(
  subject: Subject,
  { policies }: PolicySet,
  { trustedKeys, namespaceLabels, now }: EvaluationContext
): Evaluation {
  const attestation = verifyAttestation(subject, trustedKeys, now)
  return {
    input: { subject, attestation, now, celAnswers: noAnswers },
    policies: policies.filter(({ match }) => matches(match, subject, namespaceLabels))
  }
}

function decide(
  { input, policies }: Evaluation,
  { exceptions }: PolicySet,
  { namespaceLabels, now }: EvaluationContext
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

function exempt({ identity }: Subject, exemption: string): Decision {
  return {
    kind: 'allowed',
    object: identity,
    policies: [],
    violations: [],
    exempted: [],
    exemption
  }
}

function violationsOf(
  { name, actions }: ReadyPolicy,
  rule: CompiledRule,
  input: RuleInput
): readonly Violation[] {
  return rule.judge(input).map(({ isOnlyWarning, ...finding }) => {
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

function denies({ actions }: Pick<Violation, 'actions'>): boolean {
  return actions.includes('Deny')
}
