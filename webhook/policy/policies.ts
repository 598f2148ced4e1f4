import type { Fault } from '../../common/fault.ts'
import type { ReadinessCheck } from '../../service/readiness.ts'
import type { Labels } from './label-selector.ts'
import type { PolicySet } from './policy-set.ts'

/** Policy sets by name; the one that `/validate` judges by has the empty name. */
export type PolicySets = ReadonlyMap<string, PolicySet>

/** Told of what becomes of policies. */
export interface PoliciesObserver {
  /** Other policies judge from now on; `refused` of what should be among them is not usable. */
  loaded(sets: PolicySets, refused: number): void
  /** Something cannot be used; `consequence` says what happens instead. */
  refused(fault: Fault, consequence: string): void
}

/** Where policies come from and are kept up while the webhook runs. */
export interface Policies {
  /** Those that judge now; undefined while they are not known yet, and nothing may be admitted. */
  sets(): PolicySets | undefined
  /** The labels of a namespace; undefined where they are not known. */
  namespaceLabels(namespace: string): Labels | undefined
  /** What readiness asks of them, by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>
  /**
   * Begins to keep them up.
   *
   * @throws {Fault} for policies of a folder that cannot be used at the start
   */
  start(observer: PoliciesObserver): void
  stop(): Promise<void>
}
