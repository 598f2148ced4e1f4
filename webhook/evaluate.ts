import type { Key } from '../evidence/attestation/key.ts'
import type { CelEvaluator, CelAnswers } from './cel/evaluator.ts'
import { decide, denies } from './decide.ts'
import type { Evaluation } from './decide.ts'
import type { Decision } from './decision.ts'
import { findInTime } from './owner/find-in-time.ts'
import type { Freshness } from './owner/object-source.ts'
import type { Operator } from './owner/operator.ts'
import { operatorOf, passAsChild } from './owner/pass-as-child.ts'
import type { Owners } from './owner/pass-as-child.ts'
import type { Labels } from './policy/label-selector.ts'
import { matches } from './policy/match.ts'
import type { CelOptions } from './policy/model-policy.ts'
import type { PolicySet, ReadyPolicy } from './policy/policy-set.ts'
import { celBindings } from './rule/cel.ts'
import { verifyAttestation } from './subject/attestation.ts'
import { exemptionOf } from './subject/exemption.ts'
import { hasController } from './subject/subject.ts'
import type { Subject } from './subject/subject.ts'

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
  if (exemption !== undefined) {
    const ofPods = isPodOfController(subject, context.controllers)
      ? podPolicies(subject, set, context)
      : []
    if (ofPods.length === 0) return exempt(subject, exemption)
    return judgePod(subject, { ...set, policies: ofPods }, context, cel.timeLeftMs)
  }
  const decision = judge(subject, set, context, cel)
  const { owners } = context
  if (owners === undefined) return decision
  const operator = operatorOf(subject, owners.operators)
  if (operator === undefined) return decision
  const { source } = owners
  const pass = (judged: Decision) =>
    judged.violations.length === 0
      ? judged
      : passAsChild(subject, judged, operator, {
          ...context,
          source,
          policies: set.policies,
          timeLeftMs: cel.timeLeftMs
        })
  return decision instanceof Promise ? decision.then(pass) : pass(decision)
}

function isPodOfController(subject: Subject, controllers: readonly string[]): boolean {
  const { identity, subResource, requester } = subject
  const isPod = identity.group === '' && identity.kind === 'Pod' && subResource === ''
  return isPod && hasController(subject) && controllers.includes(requester?.username ?? '')
}

/** The policies that judge what a controller of Kubernetes makes, with the rules that do. */
function podPolicies(
  subject: Subject,
  { policies }: PolicySet,
  { namespaceLabels }: EvaluationContext
): readonly ReadyPolicy[] {
  return policies.flatMap(policy => {
    const rules = policy.rules.filter(({ judgesPods }) => judgesPods === true)
    return rules.length > 0 && matches(policy.match, subject, namespaceLabels)
      ? [{ ...policy, rules }]
      : []
  })
}

const noCluster = {
  kind: 'unreadable',
  reason: 'cannot read the owner: this webhook has no cluster to read it from (--kubeconfig)'
} as const

/** A refusal is based on owners as they are; an answer of the last seconds may let a Pod pass. */
async function judgePod(
  subject: Subject,
  set: PolicySet,
  context: EvaluationContext,
  timeLeftMs: number | undefined
): Promise<Decision> {
  const { operators = [], source } = context.owners ?? {}
  const homes = operators.map(({ namespace }) => namespace)
  const adds: Operator['adds'] = image => operators.some(operator => operator.adds(image))
  const evaluation = prepare(subject, set, context)
  const byOwner = async (freshness: Freshness) => {
    const { trustedKeys, now } = context
    const search = source && { source, trustedKeys, now, freshness, homes }
    const found = search === undefined ? noCluster : await findInTime(subject, search, timeLeftMs)
    const input = { ...evaluation.input, owner: { found, adds } }
    const decision = decide({ ...evaluation, input }, set, context)
    return found.kind === 'unreadable' ? { ...decision, isRetriable: true as const } : decision
  }
  const recent = await byOwner('recent')
  return recent.violations.length === 0 ? recent : byOwner('live')
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
