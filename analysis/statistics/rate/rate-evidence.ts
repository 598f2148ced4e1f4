import type { RateCounts } from '../counts.ts'
import type { Evidence } from '../evidence.ts'
import { logSumExp } from '../numeric/log-sum-exp.ts'
import { oddsMixture } from '../odds-mixture.ts'
import { oddsRatio } from '../odds.ts'

/**
 * The most that a bad-event rate may be: precision of at least 0.92 is a limit of 0.08, a P99 of at
 * most 100 ms is a limit of 0.01 on requests slower than that. `0 < limit`, `0 <= margin` and
 * `limit + margin < 1`.
 */
export interface RateLimit {
  readonly limit: number
  /** How far beyond the limit is certainly too far, as a difference of rates. */
  readonly margin: number
}

/** One alternative's factors: each bad event adds `lnBad` to its log-wealth, each other `lnGood`. */
interface Bet {
  readonly lnWeight: number
  readonly lnBad: number
  readonly lnGood: number
}

/** A {@link RateLimit} made ready, so that a verdict costs thirteen exponentials a side. */
export interface RateTest {
  readonly fail: readonly Bet[]
  readonly pass: readonly Bet[]
}

/**
 * Both one-sided tests of a limit.
 *
 * FAIL tests "rate <= limit" with alternatives above it, PASS tests "rate >= limit + margin" with
 * alternatives below; the design effect of each is the other's null hypothesis.
 */
export function rateTest({ limit, margin }: RateLimit): RateTest {
  const beyond = limit + margin
  const mixture = oddsMixture(oddsRatio(beyond, limit))
  return {
    fail: mixture.map(({ multiplier, lnWeight }) => ({ lnWeight, ...factors(multiplier, limit) })),
    pass: mixture.map(({ multiplier, lnWeight }) => ({
      lnWeight,
      ...factors(1 / multiplier, beyond)
    }))
  }
}

/**
 * Evidence from counts alone: `ln E = ln sum_k w_k (p_k/p)^bad ((1-p_k)/(1-p))^(events-bad)`.
 *
 * Each factor is affine in the conditional bad probability and 1 at the null, so the sum is a
 * supermartingale under any process whose conditional rate keeps to the null; no independence is
 * needed. Counts may be fractional (Jensen: conservative). Recomputed from the counts, so retries,
 * order and merging cannot change it.
 */
export function rateEvidence(test: RateTest, counts: RateCounts): Evidence {
  return { lnEFail: lnMixture(test.fail, counts), lnEPass: lnMixture(test.pass, counts) }
}

function lnMixture(bets: readonly Bet[], { events, bad }: RateCounts): number {
  const good = events - bad
  return logSumExp(
    bets.map(({ lnWeight, lnBad, lnGood }) => lnWeight + bad * lnBad + good * lnGood)
  )
}

/** The likelihood ratios of the rate with `multiplier` times the odds, without forming that rate. */
function factors(multiplier: number, rate: number): { lnBad: number; lnGood: number } {
  const lnGood = -Math.log1p(rate * (multiplier - 1))
  return { lnBad: Math.log(multiplier) + lnGood, lnGood }
}
