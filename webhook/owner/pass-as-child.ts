import type { Key } from '../../evidence/attestation/key.ts'
import type { Decision } from '../decision.ts'
import { denies } from '../decide.ts'
import { provenanceOf } from '../decision.ts'
import { hasController } from '../subject/subject.ts'
import type { Subject } from '../subject/subject.ts'
import { unansweredBy } from './answered.ts'
import type { AnswerContext } from './answered.ts'
import { compareWithOwner, describeComparison } from './compare-with-owner.ts'
import type { ObjectSource } from './object-source.ts'
import type { Operator } from './operator.ts'

/** The operators of a cluster, and how the owners of what they make are read. */
export interface Owners {
  readonly operators: readonly Operator[]
  readonly source: ObjectSource
}

/** Returns the operator that asks for an object which it may have made; undefined for anybody else. */
export function operatorOf(subject: Subject, operators: readonly Operator[]): Operator | undefined {
  const { requester, subResource, oldObject } = subject
  const isItsOwn = hasController(subject) || oldObject !== undefined
  if (!isItsOwn || !['', 'status'].includes(subResource)) return undefined
  return operators.find(({ username }) => username === requester?.username)
}

/**
 * Lets an object that policies have something against pass if an operator made it and its owner was
 * admitted with what it runs. Otherwise the decision stays, and says what differs.
 */
export async function passAsChild(
  subject: Subject,
  decision: Decision,
  operator: Operator,
  context: AnswerContext & {
    readonly source: ObjectSource
    readonly trustedKeys: readonly Key[]
    readonly timeLeftMs: number | undefined
  }
): Promise<Decision> {
  const { timeLeftMs } = context
  const comparison = await compareWithOwner(subject, operator, context, timeLeftMs)
  if (comparison.kind === 'contained') {
    const { admitted } = comparison
    const why = `made by ${operator.username} for ${admitted.owner}, which was admitted with all that it runs`
    const violations = unansweredBy(admitted, decision.violations, context)
    const provenance = provenanceOf(admitted)
    if (violations.length > 0) {
      const kind = violations.some(denies) ? 'denied' : 'allowed'
      const ownerNote = `${why}; these rules do not judge ${admitted.owner}, so they judge this object`
      return { ...decision, kind, violations, ownerNote, ...provenance }
    }
    return {
      kind: 'allowed',
      object: decision.object,
      policies: [],
      violations: [],
      exempted: [],
      exemption: why,
      ...provenance
    }
  }
  return {
    ...decision,
    ownerNote: `made by ${operator.username}, ${describeComparison(comparison)}`,
    ...(comparison.kind === 'unreadable' ? { isRetriable: true as const } : {})
  }
}
