import type { Key } from '../../evidence/attestation/key.ts'
import type { Freshness, ObjectSource } from './object-source.ts'

/** What is needed to follow owners. */
export interface OwnerSearch {
  readonly source: ObjectSource
  readonly trustedKeys: readonly Key[]
  readonly now: Date
  readonly freshness: Freshness
  /** Namespaces of the operators that may have made the object. */
  readonly homes: readonly string[]
}
