import { stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { CelBindings } from '../cel/program.ts'
import type { Finding } from '../decision.ts'
import type { CelOptions } from '../policy/model-policy.ts'
import type { Attestation } from '../subject/attestation.ts'
import type { Subject } from '../subject/subject.ts'
import type { RuleInput } from './context.ts'

/**
 * Rule `cel`: the findings of its expressions. A rule that was not evaluated is a violation, because
 * nothing is known to hold.
 */
export function judgeCel(
  options: CelOptions,
  { subject, celAnswers }: RuleInput
): readonly Finding[] {
  const answer = celAnswers.get(options)
  if (answer?.kind === 'judged') return answer.findings
  const field = stringMember(subject.object, 'kind') ?? 'object'
  return [{ field, problem: answer?.reason ?? 'the expressions were not evaluated' }]
}

/** Returns what expressions see of a subject. */
export function celBindings(subject: Subject, attestation: Attestation): CelBindings {
  const { object, oldObject, identity, operation, subResource, requester } = subject
  const { group, version, kind, namespace, name } = identity
  return {
    object,
    oldObject: oldObject ?? null,
    request: {
      operation,
      namespace,
      name,
      subResource,
      kind: { group, version, kind },
      userInfo: { username: requester?.username ?? '', groups: requester?.groups ?? [] }
    },
    attestation: attestationOf(attestation)
  }
}

function attestationOf(attestation: Attestation): JsonObject | null {
  if (attestation.kind === 'refused') return null
  const { keyId, facts } = attestation
  const { source, environment, images, models, pins, registry, evidence, biasAudit } = facts
  const given = { keyId, ...source, environment, images, models, pins, registry, evidence }
  const all = Object.entries({ ...given, biasAudit } as unknown as Record<
    string,
    JsonValue | undefined
  >)
  return Object.fromEntries(all.filter(entry => entry[1] !== undefined)) as JsonObject
}
