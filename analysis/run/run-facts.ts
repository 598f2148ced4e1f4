import type { Cuts } from '../counter/counter.ts'
import type { History } from './analysis-state.ts'

/** What was learnt once for a run and then stays. */
export interface RunFacts {
  /** The primary's latencies to compare with, and from which event time on; null until known. */
  readonly cuts: { readonly values: Cuts; readonly fromMs: number } | null
  /** Of the primary, before the run. */
  readonly history: History
}

/** Of a run about whose primary nothing is known. */
export const noFacts: RunFacts = { cuts: null, history: {} }
