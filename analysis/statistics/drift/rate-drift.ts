import { divideCounts } from '../counts.ts'
import type { RateCounts } from '../counts.ts'
import { oddsMixture } from '../odds-mixture.ts'
import { addToDetector, newDetector } from './shiryaev-roberts.ts'
import type { ChangeDetector, DetectorStep } from './shiryaev-roberts.ts'

/** How a bad-event rate is watched. */
export interface RateDrift {
  /** The highest rate without drift, in (0, 1); for a fall the lowest. */
  readonly limit: number
  /** Which side of the limit is drift. */
  readonly direction: 'rise' | 'fall'
  readonly windowsToFalseAlarm: number
}

const mixture = oddsMixture()
const lnWeights = mixture.map(({ lnWeight }) => lnWeight)

/** The state before the first window. */
export const noRateDrift: ChangeDetector = newDetector(mixture.length)

/**
 * Adds the counts of one window, divided by `dispersion`, to a detector of "the rate is beyond the limit".
 * Derivation: docs/statistics/drift.md#rates.
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
