import type { Condition } from '../../service/kubernetes/condition.ts'
import type { ExceptionReading } from './exception-readings.ts'
import type { PolicyReading } from './policy-book.ts'

/** What all replicas say alike: nothing of it is only one replica's, or they would write against each other. */
const standIn =
  'Until it is mended, its last good version judges where a replica has one; elsewhere everything that it selects violates it.'

/** The condition Ready of a policy. */
export function policyCondition({ object, fault }: PolicyReading): Condition {
  const observedGeneration = object.generation ?? 0
  const common = { type: 'Ready', observedGeneration } as const
  if (fault === undefined) {
    return { ...common, status: 'True', reason: 'InForce', message: 'every rule is in force' }
  }
  const message = `${fault.message}\n${standIn}`
  return { ...common, status: 'False', reason: 'Invalid', message }
}

/** The condition Ready of an exception at a time. */
export function exceptionCondition(reading: ExceptionReading, now: Date): Condition {
  const { object } = reading
  const common = { type: 'Ready', observedGeneration: object.generation ?? 0 } as const
  switch (reading.kind) {
    case 'elsewhere': {
      const message = `exceptions do not count in namespace ${object.namespace}: the webhook names those where they do by --exception-namespace`
      return { ...common, status: 'False', reason: 'NamespaceNotAllowed', message }
    }
    case 'unusable': {
      const message = `${reading.fault.message}\nIt excuses nothing.`
      return { ...common, status: 'False', reason: 'Invalid', message }
    }
    case 'counts': {
      const { expiresAt } = reading.exception
      const isOver = now.getTime() >= expiresAt.getTime()
      const when = expiresAt.toISOString()
      return isOver
        ? { ...common, status: 'False', reason: 'Expired', message: `it ended at ${when}` }
        : { ...common, status: 'True', reason: 'InForce', message: `in force until ${when}` }
    }
  }
}
