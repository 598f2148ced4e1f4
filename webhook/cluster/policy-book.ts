import type { Fault } from '../../common/fault.ts'
import { stringMember, member } from '../../common/json.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import { objectFault } from '../../service/kubernetes/object-fault.ts'
import type { PoliciesObserver } from '../policy/policies.ts'
import type { ReadyPolicy } from '../policy/policy-set.ts'
import { readPolicy } from '../policy/read-policy.ts'
import { compileRules } from '../rule/compile.ts'
import { unusablePolicy } from './unusable-policy.ts'

/** By this label a policy is one of the set NAME, which `/validate/NAME` judges by. */
export const policySetLabel = 'mlgitops.io/policy-set'

const lastGoodStays = 'a changed policy is refused; its last good version stays'
const standsIn = 'a policy is refused; everything that it selects violates it'

/** A policy as it judges. */
export interface PolicyReading {
  readonly object: ApiObject
  readonly set: string
  /** The object's own, its last good version, or what stands in for it. */
  readonly policy: ReadyPolicy
  /** Undefined where no version of it was ever good. */
  readonly lastGood: ReadyPolicy | undefined
  /** Why the object's newest version cannot be used. */
  readonly fault: Fault | undefined
}

/**
 * The policies of a cluster by their objects. One that changes for the worse goes on with its last good
 * version; one that never was good is stood in for. Compiles only what has changed.
 */
export class PolicyBook {
  #readings = new Map<string, PolicyReading>()

  /** What each object comes to, by name; `refused` is told of each new fault. */
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
    refused(fault, lastGood === undefined ? standsIn : lastGoodStays)
    const policy = lastGood ?? unusablePolicy(object.body, object.name)
    return { object, set: setOf(object), policy, lastGood, fault }
  }
}
