import type { RateCounts } from '../counts.ts'
import type { Interval } from '../interval.ts'
import { incompleteBeta } from '../numeric/incomplete-beta.ts'

/** The probabilities with which an interval may miss on each side. */
export interface SideLevels {
  /** That the true value is below the interval. */
  readonly low: number
  /** That it is above. */
  readonly high: number
}

const halvings = 100

/**
 * Returns the exact interval of a bad-event rate for one look at counts that were fixed before (Clopper and
 * Pearson 1934). Counts may be fractional. [0, 1] without events.
 * Derivation: docs/statistics/fixed.md#rates.
 */
export function binomialInterval({ events, bad }: RateCounts, levels: SideLevels): Interval {
  if (events === 0) return { low: 0, high: 1 }
  const good = events - bad
  return {
    low: bad === 0 ? 0 : solve(rate => incompleteBeta(rate, bad, good + 1) - levels.low),
    high: good === 0 ? 1 : solve(rate => levels.high - incompleteBeta(1 - rate, good, bad + 1))
  }
}

/** Finds the root of an increasing function of a rate. */
function solve(increasing: (rate: number) => number): number {
  let low = 0
  let high = 1
  for (let step = 0; step < halvings; step++) {
    const middle = (low + high) / 2
    if (increasing(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}
