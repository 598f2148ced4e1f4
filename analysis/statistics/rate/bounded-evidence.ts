import type { Evidence } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'
import type { RateLimit } from './rate-evidence.ts'

/** Evidence from observations between 0 and 1: natural logs of each bet's wealth. Plain JSON. */
export interface BoundedEvidence {
  readonly fail: readonly number[]
  readonly pass: readonly number[]
}

/** Shares of the largest bet that can never lose everything. */
const stakes = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]

/** The state before the first observation. */
export const noBoundedEvidence: BoundedEvidence = {
  fail: stakes.map(() => 0),
  pass: stakes.map(() => 0)
}

/**
 * The state after one observation in [0, 1] (a window's ratio, a user's mean) whose conditional mean
 * is to be at most `limit`.
 *
 * Betting (Waudby-Smith and Ramdas 2023): `ln W_k += ln(1 + b_k (x - limit))` with `b_k = s_k/limit`
 * against "mean <= limit", and `ln(1 + b_k (limit + margin - x))` with
 * `b_k = s_k/(1 - limit - margin)` against "mean >= limit + margin". Valid for any distribution, slow
 * beside counts: one ratio says little however many events are behind it.
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

/** Evidence of the observations so far: the mean over the bets. */
export function boundedEvidence({ fail, pass }: BoundedEvidence): Evidence {
  return { lnEFail: logMeanExp(fail), lnEPass: logMeanExp(pass) }
}
