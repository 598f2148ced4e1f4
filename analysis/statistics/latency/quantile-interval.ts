import type { Interval } from '../interval.ts'
import { logBeta } from '../numeric/log-beta.ts'
import { bucketEdges, bucketOfRank, countOf } from './log-histogram.ts'
import type { LogHistogram } from './log-histogram.ts'

/** Ranks of order statistics; 1 is the smallest value. 0 and `events + 1` mean no bound. */
export interface RankInterval {
  readonly low: number
  readonly high: number
}

/** The weight of the prior at the level of the quantile, in events. */
const priorStrength = 10

/**
 * Returns the ranks that enclose the `level` quantile at all times at once with probability `1 - alpha`, for
 * any distribution. Derivation: docs/statistics/latency.md#quantile-intervals (Howard and Ramdas 2022).
 */
export function quantileRanks(events: number, level: number, alpha: number): RankInterval {
  const [a, b] = [priorStrength * level, priorStrength * (1 - level)]
  const bound = logBeta(a, b) - Math.log(alpha)
  const isWithin = (count: number) =>
    logBeta(a + count, b + events - count) -
      count * Math.log(level) -
      (events - count) * Math.log1p(-level) <
    bound
  const centre = Math.min(events, Math.round(events * level))
  return { low: lastWithin(centre, 0, isWithin), high: lastWithin(centre, events, isWithin) + 1 }
}

/**
 * Returns the interval of a quantile in milliseconds: the {@link quantileRanks}, widened to the edges of their
 * buckets. It starts at 0 without a lower bound and ends at Infinity without an upper bound.
 */
export function quantileInterval(histogram: LogHistogram, level: number, alpha: number): Interval {
  const ranks = quantileRanks(countOf(histogram), level, alpha)
  const lowest = bucketOfRank(histogram, ranks.low)
  const highest = bucketOfRank(histogram, ranks.high)
  return {
    low: lowest === undefined ? 0 : bucketEdges(lowest).low,
    high: highest === undefined ? Infinity : bucketEdges(highest).high
  }
}

/** Finds the whole number nearest to `end` that is within, by bisection from `centre`, which is within. */
function lastWithin(centre: number, end: number, isWithin: (count: number) => boolean): number {
  if (isWithin(end)) return end
  let [inside, outside] = [centre, end]
  while (Math.abs(outside - inside) > 1) {
    const middle = Math.trunc((inside + outside) / 2)
    if (isWithin(middle)) inside = middle
    else outside = middle
  }
  return inside
}
