import type { Metric } from './metric.ts'

/** What a metric is compared with. */
export type Reference =
  /**
   * The highest share of bad events, in (0, 1); for a quantile, events above the threshold are bad. Of a mean: its highest distance from the best value, as a share of the whole range.
   */
  | {
      readonly kind: 'limit'
      readonly badRatio: number
      readonly thresholdMs?: number
      /** The limit of tokens per second, where the threshold is the time per token. */
      readonly leastPerSecond?: number
    }
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
  /** Age at which a prediction counts for it; undefined: that of the analysis. */
  readonly maturityMs?: number
  /** The largest error that counts, for mae and bias. */
  readonly errorCap?: number
  /** How many times the odds of a class may differ between the arms, above 1; for prediction-rate. */
  readonly oddsTolerance?: number
  /** Each of these classes must hold, with its own test; undefined: the positive class. */
  readonly classes?: readonly string[]
  /** Whether nobody asked for it: it can only fail the run. */
  readonly isGuard: boolean
}

/** Returns the objectives of the single classes of an objective; itself if it is about one. */
export function byClass(objective: Objective): readonly Objective[] {
  const { classes } = objective
  return classes === undefined
    ? [objective]
    : classes.map(each => ({ ...objective, classes: [each] }))
}
