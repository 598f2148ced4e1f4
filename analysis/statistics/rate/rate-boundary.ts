import { isProved } from '../evidence.ts'
import { rateEvidence } from './rate-evidence.ts'
import type { RateTest } from './rate-evidence.ts'

/** The allowed probabilities of a wrong FAIL (`alpha`) and of a wrong PASS (`beta`) in a run. */
export interface Levels {
  readonly alpha: number
  readonly beta: number
}

/** The counts at which a verdict is proved. */
export interface RateBoundary {
  /** The fewest bad events that prove a FAIL; null if no count does. */
  readonly failFrom: number | null
  /** The most bad events that prove a PASS; null if no count does. */
  readonly passTo: number | null
}

/**
 * Finds the counts at which a verdict is proved after `events`, a whole number.
 * Table and derivation: docs/statistics/rates.md#boundaries.
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

/** Returns the least value from 0 to `most` that `holds`, or `most + 1`. `holds` must be monotone. */
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
