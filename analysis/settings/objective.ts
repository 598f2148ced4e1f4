import type { Metric } from './metric.ts'

/** What a metric is compared with. */
export type Reference =
  /** The highest share of bad events, in (0, 1); for a quantile, events above the threshold are bad. */
  | { readonly kind: 'limit'; readonly badRatio: number; readonly thresholdMs?: number }
  | { readonly kind: 'primary' }
  /** The limit from the baseline, with its tolerance and, for few events, its bound. */
  | { readonly kind: 'baseline'; readonly badRatio: number; readonly thresholdMs?: number }

/** One thing that must hold for a canary. */
export interface Objective {
  readonly metric: Metric
  readonly reference: Reference
  /** The primary's expected share of bad events before the run, from the baseline or the limit. */
  readonly expectedBadRatio: number | undefined
  /** A share of events: a canary this far beyond the reference must fail. */
  readonly margin: number
  /** Whether the margin was given: it makes a comparison one of differences instead of odds. */
  readonly isMarginGiven: boolean
  /** Whether the run passes only when this is proved. */
  readonly critical: boolean
  /** Whether nobody asked for it: it can only fail the run. */
  readonly isGuard: boolean
}
