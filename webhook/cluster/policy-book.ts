import type { Fault } from '../../common/fault.ts'
import { stringMember, member } from '../../common/json.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import { objectFault } from '../../service/kubernetes/object-fault.ts'
import type { PoliciesObserver } from '../policy/policies.ts'
import type { ReadyPolicy } from '../policy/policy-set.ts'
import { readPolicy } from '../policy/read-policy.ts'
import { compileRules } from '../rule/compile.ts'
import { unusablePolicy } from './unusable-policy.ts'

/** This label puts a policy into the policy set NAME, which answers `/validate/NAME`. */
export const policySetLabel = 'mlgitops.io/policy-set'

const lastGoodStays = 'refused a policy change; the last good version stays in force'
const everythingViolates = 'refused a policy; every object that it selects violates it'

/** A policy of the cluster, as it is in force. */
export interface PolicyReading {
  readonly object: ApiObject
  readonly set: string
  /** The object's own policy, its last good version, or the replacement for an invalid one. */
  readonly policy: ReadyPolicy
  /** Undefined when no version of it was ever valid. */
  readonly lastGood: ReadyPolicy | undefined
  /** Why the object's newest version is invalid. */
  readonly fault: Fault | undefined
}

/**
 * Holds the policies of a cluster. A policy whose newest version is invalid stays at its last good
 * version; a policy that was never valid is replaced by one that every object violates. Compiles only
 * changed policies.
 */
export class PolicyBook {
  #readings = new Map<string, PolicyReading>()

  /** Reads each object, ordered by name; calls `refused` with each new fault. */
  read(
    objects: readonly ApiObject[],
    refused: PoliciesObserver['refused']
  ): readonly PolicyReading[] {
    const next = new Map<string, PolicyReading>()
    for (const object of objects) {
      const last = this.#readings.get(object.uid)
      const isSame = last !== undefined && last.object.generation === object.generation
      const reading = isSame
        ? { ...last, object, set: setOf(object) }
        : readingOf(object, last, refused)
      next.set(object.uid, reading)
    }
    this.#readings = next
    return [...next.values()].sort((a, b) => (a.policy.name < b.policy.name ? -1 : 1))
  }
}

function setOf({ body }: ApiObject): string {
  return stringMember(member(member(body, 'metadata'), 'labels'), policySetLabel) ?? ''
}

function readingOf(
  object: ApiObject,
  last: PolicyReading | undefined,
  refused: PoliciesObserver['refused']
): PolicyReading {
  const where = `modelpolicy ${object.name}`
  try {
    const policy = readPolicy(object.body, where)
    const ready = { ...policy, rules: compileRules(policy, where) }
    return { object, set: setOf(object), policy: ready, lastGood: ready, fault: undefined }
  } catch (error) {
    const fault = objectFault(error, where)
    const lastGood = last?.lastGood
    refused(fault, lastGood === undefined ? everythingViolates : lastGoodStays)
    const policy = lastGood ?? unusablePolicy(object.body, object.name)
    return { object, set: setOf(object), policy, lastGood, fault }
  }
}
