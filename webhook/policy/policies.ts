import type { Fault } from '../../common/fault.ts'
import type { ReadinessCheck } from '../../service/readiness.ts'
import type { Labels } from './label-selector.ts'
import type { PolicySet } from './policy-set.ts'

/** Policy sets by name. The one that answers `/validate` has the empty name. */
export type PolicySets = ReadonlyMap<string, PolicySet>

/** Called when policies change. */
export interface PoliciesObserver {
  /** These policies are in force from now on; `refused` is the number of invalid ones. */
  loaded(sets: PolicySets, refused: number): void
  /** A policy is invalid; `consequence` says what happens instead. */
  refused(fault: Fault, consequence: string): void
}

/** A source of policies, which is kept current while the webhook runs. */
export interface Policies {
  /** The policies in force; undefined before the first load, when nothing may be admitted. */
  sets(): PolicySets | undefined
  /** The labels of a namespace; undefined when unknown. */
  namespaceLabels(namespace: string): Labels | undefined
  /** Readiness checks, by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>
  /**
   * Starts to keep them current.
   *
   * @throws {Fault} for invalid policies of a folder at the start
   */
  start(observer: PoliciesObserver): void
  stop(): Promise<void>
}
