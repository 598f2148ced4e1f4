import { addCounts, noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { addRateWindow, noRateDrift } from '../statistics/drift/rate-drift.ts'
import type { ChangeDetector } from '../statistics/drift/shiryaev-roberts.ts'
import {
  addDispersionWindow,
  dispersionOf,
  noDispersion
} from '../statistics/sampling/dispersion.ts'
import type { DispersionSums } from '../statistics/sampling/dispersion.ts'

/** A bad-event rate that is watched for a rise. Plain JSON. */
export interface RateWatch {
  readonly detector: ChangeDetector
  /** Counts since the last evaluated window. */
  readonly pending: RateCounts
  readonly dispersion: DispersionSums
  readonly windows: number
  readonly lnEvidence: number | null
  readonly alarms: number
  readonly lastAlarmMs: number | null
}

/** Windows are merged until they have this many events (docs/statistics/drift.md#rates). */
const leastEvents = 200

/** The watch before the first window. */
export const noRateWatch: RateWatch = {
  detector: noRateDrift,
  pending: noCounts,
  dispersion: noDispersion,
  windows: 0,
  lnEvidence: null,
  alarms: 0,
  lastAlarmMs: null
}

/** Returns the watch after a closed window that ended at `endMs` (docs/statistics/drift.md#rates). */
export function watchRate(
  watch: RateWatch,
  window: RateCounts,
  at: { readonly limit: number; readonly windowsToFalseAlarm: number; readonly endMs: number }
): RateWatch {
  const pending = addCounts(watch.pending, window)
  if (pending.events < leastEvents) return { ...watch, pending }
  const { dispersion } = watch
  const isEstimated = dispersion.windows >= dispersionWindows
  const sums = isEstimated ? dispersion : addDispersionWindow(dispersion, pending)
  const { detector, lnM, isAlarm } = addRateWindow(
    watch.detector,
    pending,
    { limit: at.limit, direction: 'rise', windowsToFalseAlarm: at.windowsToFalseAlarm },
    dispersionOf([sums], dispersionWindows)
  )
  return {
    detector,
    pending: noCounts,
    dispersion: sums,
    windows: watch.windows + 1,
    lnEvidence: lnM,
    alarms: watch.alarms + (isAlarm ? 1 : 0),
    lastAlarmMs: isAlarm ? at.endMs : watch.lastAlarmMs
  }
}

/** The dispersion is estimated from the first windows only: later, drift would look like bursts. */
const dispersionWindows = 10
