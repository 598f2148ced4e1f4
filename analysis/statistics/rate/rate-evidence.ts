import type { RateCounts } from '../counts.ts'
import type { Evidence } from '../evidence.ts'
import { logSumExp } from '../numeric/log-sum-exp.ts'
import { oddsMixture } from '../odds-mixture.ts'
import type { WeightedOdds } from '../odds-mixture.ts'
import { oddsRatio } from '../odds.ts'

/**
 * The largest allowed bad-event rate. A precision of at least 0.92 is a limit of 0.08; a P99 of at most
 * 100 ms is a limit of 0.01 on requests that are slower. `0 < limit`, `0 <= margin`, `limit + margin < 1`.
 * All metrics: docs/statistics.md#bad-events.
 */
export interface RateLimit {
  readonly limit: number
  /** At `limit + margin` the rate is certainly too high. A difference of rates. */
  readonly margin: number
}

/** One alternative: each bad event adds `lnBad` to its log-wealth, each good event `lnGood`. */
interface Bet {
  readonly lnWeight: number
  readonly lnBad: number
  readonly lnGood: number
}

/** The prepared tests of a {@link RateLimit}. Evidence then costs 13 exponentials for each side. */
export interface RateTest {
  readonly fail: readonly Bet[]
  readonly pass: readonly Bet[]
}

/**
 * Prepares both one-sided tests of a limit. FAIL tests "rate <= limit" against higher rates, PASS tests
 * "rate >= limit + margin" against lower ones. Derivation: docs/statistics/rates.md#the-test.
 */
export function rateTest({ limit, margin }: RateLimit): RateTest {
  const beyond = limit + margin
  const mixture = rateMixture({ limit, margin })
  return {
    fail: mixture.map(({ multiplier, lnWeight }) => ({ lnWeight, ...factors(multiplier, limit) })),
    pass: mixture.map(({ multiplier, lnWeight }) => ({
      lnWeight,
      ...factors(1 / multiplier, beyond)
    }))
  }
}

/** The alternatives of both tests of a limit. */
export function rateMixture({ limit, margin }: RateLimit): readonly WeightedOdds[] {
  return oddsMixture(oddsRatio(limit + margin, limit))
}

/** Returns the natural logarithm of the evidence that the rate is above a border. It falls as the border rises. */
export function lnAbove(
  mixture: readonly WeightedOdds[],
  border: number,
  counts: RateCounts
): number {
  return lnAt(mixture, border, counts, 1)
}

/** Returns the natural logarithm of the evidence that the rate is below a border. It rises with the border. */
export function lnBelow(
  mixture: readonly WeightedOdds[],
  border: number,
  counts: RateCounts
): number {
  return lnAt(mixture, border, counts, -1)
}

/** As the tests of a limit, without preparing them: a search for a bound asks once for each border. */
function lnAt(
  mixture: readonly WeightedOdds[],
  border: number,
  { events, bad }: RateCounts,
  power: 1 | -1
): number {
  return logSumExp(
    mixture.map(({ multiplier, lnWeight }) => {
      const odds = power === 1 ? multiplier : 1 / multiplier
      return lnWeight + bad * Math.log(odds) - events * Math.log1p(border * (odds - 1))
    })
  )
}

/**
 * Returns the evidence of counts about a limit. It needs the totals only, so retries, order and merging of
 * replicas cannot change it. Counts may be fractional. Events need not be independent; what is needed
 * instead, and the proof: docs/statistics/rates.md#the-test.
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

/** Returns the likelihood ratios of the rate with `multiplier` times the odds, without forming that rate. */
function factors(multiplier: number, rate: number): { lnBad: number; lnGood: number } {
  const lnGood = -Math.log1p(rate * (multiplier - 1))
  return { lnBad: Math.log(multiplier) + lnGood, lnGood }
}
