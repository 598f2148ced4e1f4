import type { Metric } from './metric.ts'

/** What a metric is held against. */
export type Reference =
  /** The greatest share of bad events, in (0, 1), and for a quantile the latency that makes one bad. */
  | { readonly kind: 'limit'; readonly badRatio: number; readonly thresholdMs?: number }
  | { readonly kind: 'primary' }
  /** The limit that the baseline sets, with its tolerance and the bound of a small one. */
  | { readonly kind: 'baseline'; readonly badRatio: number; readonly thresholdMs?: number }

/** One thing that a canary has to show. */
export interface Objective {
  readonly metric: Metric
  readonly reference: Reference
  /** Of the primary, as far as it is known before the run: the baseline's, or the limit. */
  readonly expectedBadRatio: number | undefined
  /** Beyond the limit or the reference, as a share of events: from there on, failing is right. */
  readonly margin: number
  /** A margin that was written down makes a comparison one of differences, not of odds. */
  readonly isMarginGiven: boolean
  /** The run passes only when it is proved. */
  readonly critical: boolean
}
