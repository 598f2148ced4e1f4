import type { Condition } from '../../service/kubernetes/condition.ts'
import type { ExceptionReading } from './exception-readings.ts'
import type { PolicyReading } from './policy-book.ts'

/** The same text on all replicas: a difference would make them overwrite each other. */
const untilFixed =
  'Until it is fixed, a replica judges by its last good version; without one, every object that it selects violates it.'

/**
 * Returns the condition Ready of a policy.
 *
 * @param podReason why `provenance: {pods: owner}` has no effect; undefined if it has one
 */
export function policyCondition(
  { object, policy, fault }: PolicyReading,
  podReason: string | undefined
): Condition {
  const observedGeneration = object.generation ?? 0
  const common = { type: 'Ready', observedGeneration } as const
  if (fault === undefined) {
    const judgesPods = policy.rules.some(rule => rule.judgesPods === true)
    if (judgesPods && podReason !== undefined) {
      const message = `every rule is in force, but pods: owner has no effect: ${podReason}`
      return { ...common, status: 'False', reason: 'PodsNotJudged', message }
    }
    return { ...common, status: 'True', reason: 'InForce', message: 'every rule is in force' }
  }
  const message = `${fault.message}\n${untilFixed}`
  return { ...common, status: 'False', reason: 'Invalid', message }
}

/** Returns the condition Ready of an exception at a time. */
export function exceptionCondition(reading: ExceptionReading, now: Date): Condition {
  const { object } = reading
  const common = { type: 'Ready', observedGeneration: object.generation ?? 0 } as const
  switch (reading.kind) {
    case 'namespace-not-allowed': {
      const message = `exceptions in namespace ${object.namespace} are not accepted: the webhook accepts those of --exception-namespace`
      return { ...common, status: 'False', reason: 'NamespaceNotAllowed', message }
    }
    case 'invalid': {
      const message = `${reading.fault.message}\nIt has no effect.`
      return { ...common, status: 'False', reason: 'Invalid', message }
    }
    case 'accepted': {
      const { expiresAt } = reading.exception
      const isOver = now.getTime() >= expiresAt.getTime()
      const when = expiresAt.toISOString()
      return isOver
        ? { ...common, status: 'False', reason: 'Expired', message: `expired at ${when}` }
        : { ...common, status: 'True', reason: 'InForce', message: `in force until ${when}` }
    }
  }
}
