/** How a labelled set ends, as far as it is known: `open` while its rest can still turn it. */
export type ReplayOutcome = 'pass' | 'fail' | 'open'

/** A share of a number of items that is known from the start: accuracy of all, recall of the positives. */
export interface KnownTotal {
  readonly good: number
  readonly seen: number
  /** How many there are in the set, at least 1. */
  readonly total: number
}

/** Precision's counts: how many will be predicted positive is not known before the end. */
export interface PrecisionCounts {
  readonly truePositives: number
  readonly falsePositives: number
  /** Items not yet answered whose label is the positive class, and all others. */
  readonly positivesLeft: number
  readonly negativesLeft: number
}

/**
 * Exact curtailment with a known total: FAIL when even a perfect rest is not enough, PASS when even a
 * wrong rest is. No error, and never open once all are seen. `least` in [0, 1].
 */
export function curtailShare({ good, seen, total }: KnownTotal, least: number): ReplayOutcome {
  if ((good + total - seen) / total < least) return 'fail'
  return good / total >= least ? 'pass' : 'open'
}

/**
 * Exact curtailment of precision: the best rest finds every positive and no more, the worst calls every
 * negative positive. A set in which nothing is ever predicted positive has no precision: `none`.
 */
export function curtailPrecision(
  { truePositives, falsePositives, positivesLeft, negativesLeft }: PrecisionCounts,
  least: number
): ReplayOutcome | 'none' {
  const predicted = truePositives + falsePositives
  if (predicted === 0) return positivesLeft + negativesLeft === 0 ? 'none' : 'open'
  if ((truePositives + positivesLeft) / (predicted + positivesLeft) < least) return 'fail'
  return truePositives / (predicted + negativesLeft) >= least ? 'pass' : 'open'
}
