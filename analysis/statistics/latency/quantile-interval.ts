import type { Interval } from '../interval.ts'
import { logBeta } from '../numeric/log-beta.ts'
import { bucketEdges, bucketOfRank, countOf } from './log-histogram.ts'
import type { LogHistogram } from './log-histogram.ts'

/** Ranks of order statistics, 1 being the least value; 0 and `events + 1` stand for no bound. */
export interface RankInterval {
  readonly low: number
  readonly high: number
}

/** How strongly the prior holds to the quantile's level, in pseudo-counts. */
const priorStrength = 10

/**
 * The ranks between which the `level` quantile lies at all times at once with probability
 * `1 - alpha`, for any distribution.
 *
 * The counts s of values at or below it with `ln B(a+s, b+n-s) - ln B(a, b) - s ln q - (n-s) ln(1-q)
 * < ln(1/alpha)`, a = 10q and b = 10(1-q), form a range, as that is convex in s; the ranks are its
 * ends, the upper plus one.
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
 * {@link quantileRanks} read from a histogram, in milliseconds, widened to the edges of the buckets:
 * from 0 when there is no lower bound, to Infinity when there is no upper one.
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

/** The whole number nearest to `end` that is within, from `centre`, which is, by halving. */
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
