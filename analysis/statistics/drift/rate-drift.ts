import { divideCounts } from '../counts.ts'
import type { RateCounts } from '../counts.ts'
import { oddsMixture } from '../odds-mixture.ts'
import { addToDetector, newDetector } from './shiryaev-roberts.ts'
import type { ChangeDetector, DetectorStep } from './shiryaev-roberts.ts'

/** How a live bad-event rate is watched. */
export interface RateDrift {
  /** The rate that is still well, in (0, 1): the baseline's plus a tolerance. */
  readonly limit: number
  /** Above or below the limit. */
  readonly direction: 'rise' | 'fall'
  readonly windowsToFalseAlarm: number
}

const mixture = oddsMixture()
const lnWeights = mixture.map(({ lnWeight }) => lnWeight)

/** The state before the first window. */
export const noRateDrift: ChangeDetector = newDetector(mixture.length)

/**
 * One window's counts, each divided by `dispersion`, against "the rate is at most (at least, for a
 * fall) the limit", with alternatives of 1.1 to 16 times the odds.
 */
export function addRateWindow(
  detector: ChangeDetector,
  counts: RateCounts,
  { limit, direction, windowsToFalseAlarm }: RateDrift,
  dispersion = 1
): DetectorStep {
  const { events, bad } = divideCounts(counts, dispersion)
  const lnRatios = mixture.map(({ multiplier }) => {
    const odds = direction === 'rise' ? multiplier : 1 / multiplier
    return bad * Math.log(odds) - events * Math.log1p(limit * (odds - 1))
  })
  return addToDetector(detector, lnRatios, { lnWeights, windowsToFalseAlarm })
}
