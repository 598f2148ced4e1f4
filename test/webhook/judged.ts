import type { JsonObject } from '../../common/json.ts'
import { annotations } from '../../evidence/annotations.ts'
import { describeFinding } from '../../webhook/decision.ts'
import type { Decision } from '../../webhook/decision.ts'
import { evaluateWithCel } from '../../webhook/evaluate.ts'
import type { EvaluationContext } from '../../webhook/evaluate.ts'
import { buildPolicySet } from '../../webhook/policy/policy-set.ts'
import type { PolicySet } from '../../webhook/policy/policy-set.ts'
import { defaultControllers } from '../../webhook/subject/exemption.ts'
import { subjectOfManifest } from '../../webhook/subject/subject.ts'
import type { Subject } from '../../webhook/subject/subject.ts'
import { commit, trustedKey } from './attested.ts'

export const now = new Date('2026-11-24T12:00:00Z')
export const context: EvaluationContext = {
  trustedKeys: [trustedKey],
  now,
  namespaceLabels: undefined,
  controllers: defaultControllers
}

export function policy(rule: JsonObject, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name: 'p' },
    spec: { validationActions: ['Deny'], rules: [rule], ...spec }
  }
}

/** The decision by policies without a `cel` rule, which is synchronous. */
export function evaluate(subject: Subject, set: PolicySet, context: EvaluationContext): Decision {
  const evaluator = {
    evaluate: () => {
      throw new Error('nothing is to be evaluated here')
    }
  }
  const decision = evaluateWithCel(subject, set, context, { evaluator })
  if (decision instanceof Promise) throw new Error('the decision must be synchronous')
  return decision
}

/** What one rule says of an object: `field: problem; found ...`. */
export function judge(rule: JsonObject, object: JsonObject, more: Partial<EvaluationContext> = {}) {
  const set = buildPolicySet([{ value: policy(rule), where: 'p' }], [])
  const { violations } = evaluate(subjectOfManifest(object), set, { ...context, ...more })
  return violations.map(violation => `${violation.field}: ${describeFinding(violation)}`)
}

export const at = 'metadata.annotations[mlgitops.io/attestation]'
export const fix =
  'fix: deploy the object that mlgitops rendered and signed, through Argo CD or Flux'
/** The fix for an object that was rendered, by its annotations, and not signed. */
export const fixUnsigned =
  'fix: render it with a signing key (--key or --signer, docs/keys.md), and deploy that'

export const pod = (container: JsonObject, more: JsonObject = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x', namespace: 'ml', annotations: { [annotations.gitCommit]: commit } },
  spec: { containers: [{ name: 'x', ...container }], ...more }
})
