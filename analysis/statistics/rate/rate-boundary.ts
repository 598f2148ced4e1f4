import { isProved } from '../evidence.ts'
import { rateEvidence } from './rate-evidence.ts'
import type { RateTest } from './rate-evidence.ts'

/** Error levels: a wrong FAIL in at most `alpha` of rollouts, a wrong PASS in at most `beta`. */
export interface Levels {
  readonly alpha: number
  readonly beta: number
}

/** The verdict as counts, for pages and for tests. */
export interface RateBoundary {
  /** The fewest bad events that prove a FAIL; null when even all bad would not. */
  readonly failFrom: number | null
  /** The most bad events that still prove a PASS; null when even none would not. */
  readonly passTo: number | null
}

/**
 * The counts at which `events` (a whole number) decide. Evidence grows with the bad count on the FAIL
 * side and falls on the PASS side, so both are found by halving.
 */
export function rateBoundary(
  test: RateTest,
  events: number,
  levels: Levels,
  dispersion = 1
): RateBoundary {
  const evidence = (bad: number) =>
    rateEvidence(test, { events: events / dispersion, bad: bad / dispersion })
  const failFrom = firstWhere(events, bad => isProved(evidence(bad).lnEFail, levels.alpha))
  const passTo = firstWhere(events, bad => !isProved(evidence(bad).lnEPass, levels.beta)) - 1
  return {
    failFrom: failFrom > events ? null : failFrom,
    passTo: passTo < 0 ? null : passTo
  }
}

/** The least of 0 to `most` that `holds`, or `most + 1`; once it holds it holds for all above. */
function firstWhere(most: number, holds: (value: number) => boolean): number {
  let low = 0
  let high = most + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
