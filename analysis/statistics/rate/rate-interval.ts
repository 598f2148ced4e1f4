import type { RateCounts } from '../counts.ts'
import type { Interval } from '../interval.ts'
import { logBeta } from '../numeric/log-beta.ts'

const halvings = 60

/**
 * Returns an interval of the bad-event rate that holds at all times at once with probability `1 - alpha`.
 * It is shown, and no verdict uses it. [0, 1] without events.
 * Derivation: docs/statistics/rates.md#intervals-for-display (Robbins 1970, Waudby-Smith and Ramdas 2020).
 */
export function rateInterval({ events, bad }: RateCounts, alpha: number): Interval {
  if (events === 0) return { low: 0, high: 1 }
  const good = events - bad
  const bound = -Math.log(alpha) - logBeta(1 + bad, 1 + good)
  const isWithin = (rate: number) =>
    (bad === 0 ? 0 : -bad * Math.log(rate)) - (good === 0 ? 0 : good * Math.log1p(-rate)) < bound
  const estimate = bad / events
  return {
    low: isWithin(0) ? 0 : bisect(0, estimate, isWithin),
    high: isWithin(1) ? 1 : bisect(1, estimate, isWithin)
  }
}

/** Finds the end of a range by bisection, from a point outside and a point inside. */
function bisect(outside: number, inside: number, isWithin: (rate: number) => boolean): number {
  for (let step = 0; step < halvings; step++) {
    const middle = (outside + inside) / 2
    if (isWithin(middle)) inside = middle
    else outside = middle
  }
  return inside
}
