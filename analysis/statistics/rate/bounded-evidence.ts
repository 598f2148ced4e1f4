import type { Evidence } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'
import type { RateLimit } from './rate-evidence.ts'

/** The state of bets on observations in [0, 1]: the natural logarithm of the wealth of each bet. Plain JSON. */
export interface BoundedEvidence {
  readonly fail: readonly number[]
  readonly pass: readonly number[]
}

/** The stakes, as shares of the largest stake that cannot lose everything. */
export const stakes = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]

/** Which of the two tests of a limit. */
export type Side = 'fail' | 'pass'

/**
 * Returns by which factor an observation in [0, 1] changes the wealth of a bet: FAIL bets that the mean is above the
 * border, PASS that it is below.
 *
 * @param at the index of its stake
 */
export function betFactor(
  observation: number,
  { side, at, border }: { readonly side: Side; readonly at: number; readonly border: number }
): number {
  const stake = stakes[at] ?? 0
  return side === 'fail'
    ? 1 + (stake / border) * (observation - border)
    : 1 + (stake / (1 - border)) * (border - observation)
}

/**
 * Returns the logarithm of the e-value of the seven bets of one side: the mean of their wealths.
 *
 * @param lnWealth by stake
 * @param missing observations that nobody knows: each counts as the one that is worst for the bet
 */
export function lnMeanOfBets(lnWealth: readonly number[], missing: number): number {
  return logMeanExp(stakes.map((stake, at) => (lnWealth[at] ?? 0) + missing * Math.log1p(-stake)))
}

/** The state before the first observation. */
export const noBoundedEvidence: BoundedEvidence = {
  fail: stakes.map(() => 0),
  pass: stakes.map(() => 0)
}

/**
 * Adds one observation in [0, 1], such as the ratio of a window, whose conditional mean has to be at most
 * `limit`. Valid for any distribution, and much slower than counts.
 * Derivation: docs/statistics/means.md#bets (Waudby-Smith and Ramdas 2024).
 */
export function addBounded(
  { fail, pass }: BoundedEvidence,
  observation: number,
  { limit, margin }: RateLimit
): BoundedEvidence {
  const beyond = limit + margin
  return {
    fail: stakes.map(
      (stake, at) => (fail[at] ?? 0) + Math.log1p((stake / limit) * (observation - limit))
    ),
    pass: stakes.map(
      (stake, at) => (pass[at] ?? 0) + Math.log1p((stake / (1 - beyond)) * (beyond - observation))
    )
  }
}

/** Returns the evidence of the observations so far: the mean over the bets. */
export function boundedEvidence({ fail, pass }: BoundedEvidence): Evidence {
  return { lnEFail: logMeanExp(fail), lnEPass: logMeanExp(pass) }
}
