/** The verdict on a labelled set; `open` while the items that are left can still change it. */
export type SetVerdict = 'pass' | 'fail' | 'open'

/** Counts of a share whose total is known from the start: accuracy (all items), recall (positive items). */
export interface KnownTotal {
  readonly good: number
  readonly seen: number
  /** The number of such items in the set, at least 1. */
  readonly total: number
}

/** Counts of precision. The number of positive predictions is not known before the end. */
export interface PrecisionCounts {
  readonly truePositives: number
  readonly falsePositives: number
  /** Items without an answer yet: those with a positive label, and the others. */
  readonly positivesLeft: number
  readonly negativesLeft: number
}

/**
 * Judges a share with a known total: FAIL if the rest cannot make it reach `least`, PASS if the rest cannot
 * make it miss `least`. It makes no error, and is decided at the last item. `least` in [0, 1].
 * Derivation: docs/statistics/replay.md#what-the-rest-cannot-change.
 */
export function curtailShare({ good, seen, total }: KnownTotal, least: number): SetVerdict {
  if ((good + total - seen) / total < least) return 'fail'
  return good / total >= least ? 'pass' : 'open'
}

/**
 * Judges precision in the same way. In the best case the rest finds every positive item and nothing else, in
 * the worst case it calls every negative item positive.
 * Derivation: docs/statistics/replay.md#what-the-rest-cannot-change.
 *
 * @returns `none` if no item of the set was predicted positive
 */
export function curtailPrecision(
  { truePositives, falsePositives, positivesLeft, negativesLeft }: PrecisionCounts,
  least: number
): SetVerdict | 'none' {
  const predicted = truePositives + falsePositives
  if (predicted === 0) return positivesLeft + negativesLeft === 0 ? 'none' : 'open'
  if ((truePositives + positivesLeft) / (predicted + positivesLeft) < least) return 'fail'
  return truePositives / (predicted + negativesLeft) >= least ? 'pass' : 'open'
}

/** Sums of values are exact to ten digits. */
const rounding = 1e-9

/**
 * Judges the mean of values between 0 (best) and 1: FAIL if the rest cannot bring it down to `most`, PASS if the rest
 * cannot bring it above. Derivation: docs/statistics/replay.md#what-the-rest-cannot-change.
 *
 * @param total items of the set, at least 1
 */
export function curtailMean(
  { sum, seen, total }: { readonly sum: number; readonly seen: number; readonly total: number },
  most: number
): SetVerdict {
  if (sum / total > most + rounding) return 'fail'
  return (sum + total - seen) / total <= most + rounding ? 'pass' : 'open'
}

/**
 * Judges F1 by its share of false positives and false negatives among all items but true negatives. In the best case
 * the rest finds every positive item and nothing else, in the worst case it is all wrong.
 *
 * @returns `none` if every item of the set is a true negative
 */
export function curtailF1(
  {
    events,
    bad,
    positivesLeft,
    negativesLeft
  }: {
    readonly events: number
    readonly bad: number
    readonly positivesLeft: number
    readonly negativesLeft: number
  },
  most: number
): SetVerdict | 'none' {
  const left = positivesLeft + negativesLeft
  if (events + left === 0) return 'none'
  if (bad / (events + positivesLeft) > most + rounding) return 'fail'
  return (bad + left) / (events + left) <= most + rounding ? 'pass' : 'open'
}
