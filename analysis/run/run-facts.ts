import type { Cuts } from '../counter/counter.ts'
import type { History } from './analysis-state.ts'

/** What is learnt once for a run and stays fixed. */
export interface RunFacts {
  /** The primary's latencies to compare with, and the event time from which they apply; null until known. */
  readonly cuts: { readonly values: Cuts; readonly fromMs: number } | null
  /** Tells the run from others of its checksum; undefined if no call did. */
  readonly attempt?: string
  /** The commit that the primary had when the run started; undefined if no promotion was seen. */
  readonly primaryCommit?: string
  /** Whether the Canary sends requests to its arms by match rules, so that the arms are not comparable. */
  readonly isByMatch?: boolean
  /** Metrics of the Canary that have no meaning here, where the Canary's metrics are the objectives. */
  readonly unjudged?: readonly string[]
  /** The digest of the analysis that each digest of metadata asked for last. */
  readonly asked?: Readonly<Record<string, string>>
  /** Digests of analyses that no call asks for any more, because their ModelAnalysis changed. */
  readonly superseded?: readonly string[]
  /** Attempts of earlier runs of the checksum: their calls that still come belong to this run. */
  readonly earlierAttempts?: readonly string[]
  /** Of the primary, before the run. */
  readonly history: History
}

/** Facts of a run without a known primary. */
export const noFacts: RunFacts = { cuts: null, history: {} }
