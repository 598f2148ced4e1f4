import { addCounts, noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { addRateWindow, noRateDrift } from '../statistics/drift/rate-drift.ts'
import {
  addToSeason,
  eventsOfHour,
  hourOf,
  noSeason,
  seasonReference
} from '../statistics/drift/season.ts'
import type { Season } from '../statistics/drift/season.ts'
import type { ChangeDetector } from '../statistics/drift/shiryaev-roberts.ts'
import {
  addDispersionWindow,
  dispersionOf,
  noDispersion
} from '../statistics/sampling/dispersion.ts'
import type { DispersionSums } from '../statistics/sampling/dispersion.ts'
import { countAlarm, noAlarms } from './alarms.ts'
import type { Alarms } from './alarms.ts'
import { addLastWindow } from './last-windows.ts'
import type { LastWindows } from './last-windows.ts'

/** A bad-event rate that is watched for a rise. Plain JSON. */
export interface RateWatch extends Alarms {
  readonly detector: ChangeDetector
  /** Counts since the last evaluated window. */
  readonly pending: RateCounts
  /** What the pending counts are expected to be at most, by the same hours of earlier days. */
  readonly expected?: Expected
  readonly dispersion: DispersionSums
  /** Squared residuals against the same hours of earlier days, each about 1 without bursts. */
  readonly residuals?: { readonly windows: number; readonly sum: number }
  readonly season?: Season
  readonly last?: LastWindows
  readonly windows: number
  readonly lnEvidence: number | null
}

interface Expected {
  /** Pending events of hours with a reference. */
  readonly events: number
  /** Of these, bad by the rate of the reference. */
  readonly bad: number
  /** The variance of that count without the sampling error of the reference. */
  readonly plainVariance: number
  /** The variance of `bad`, with the sampling error of the reference. */
  readonly variance: number
  readonly isOfWeekday: boolean
}

/** Windows are merged until they have this many events (docs/statistics/drift.md#rates). */
const leastEvents = 200
/** The dispersion is estimated from the first windows only: later, drift would look like bursts. */
const dispersionWindows = 10
const residualWindows = 24
const noExpected: Expected = { events: 0, bad: 0, plainVariance: 0, variance: 0, isOfWeekday: true }

/** The watch before the first window. */
export const noRateWatch: RateWatch = {
  ...noAlarms,
  detector: noRateDrift,
  pending: noCounts,
  dispersion: noDispersion,
  windows: 0,
  lnEvidence: null
}

interface At {
  readonly limit: number
  readonly windowsToFalseAlarm: number
  readonly startMs: number
  readonly endMs: number
}

/** Returns the watch after a closed window that ended at `endMs` (docs/statistics/drift.md#rates). */
export function watchRate(before: RateWatch, window: RateCounts, at: At): RateWatch {
  const last = addLastWindow(before.last ?? [], at.startMs, window)
  const watch = { ...addWindow(before, window, hourOf(at.startMs)), last }
  const { pending, expected = noExpected } = watch
  if (pending.events < leastEvents) return watch
  const isSeasonal = expected.events === pending.events
  const evaluated = isSeasonal
    ? { ...watch, residuals: withResidual(watch, expected) }
    : { ...watch, dispersion: withDispersion(watch) }
  const limit = isSeasonal ? expected.bad / expected.events : at.limit
  const { windowsToFalseAlarm, endMs } = at
  const { detector, lnM, isAlarm } = addRateWindow(
    watch.detector,
    pending,
    { limit, direction: 'rise', windowsToFalseAlarm },
    isSeasonal
      ? burstiness(evaluated) * sampling(expected)
      : dispersionOf([evaluated.dispersion], dispersionWindows)
  )
  return {
    ...evaluated,
    ...countAlarm(watch, { isAlarm, endMs, isProvisional: isSeasonal && !expected.isOfWeekday }),
    detector,
    pending: noCounts,
    expected: noExpected,
    windows: watch.windows + 1,
    lnEvidence: lnM
  }
}

function addWindow(watch: RateWatch, window: RateCounts, hour: number): RateWatch {
  const { season = noSeason, expected = noExpected } = watch
  const pending = addCounts(watch.pending, window)
  const next = addToSeason(season, hour, [window.events - window.bad, window.bad])
  const found = seasonReference(season, hour)
  const [good = 0, bad = 0] = found?.counts ?? []
  const events = good + bad
  if (found === undefined || events < leastEvents) return { ...watch, pending, season: next }
  const rate = (bad + 0.5) / (events + 1)
  const own = window.events
  // All windows of an hour have the sampling error of the same reference.
  const ofHour = eventsOfHour(next, hour)
  return {
    ...watch,
    pending,
    season: next,
    expected: {
      events: expected.events + own,
      bad: expected.bad + own * rate,
      plainVariance: expected.plainVariance + own * rate * (1 - rate),
      variance: expected.variance + own * rate * (1 - rate) * (1 + ofHour / events),
      isOfWeekday: expected.isOfWeekday && found.isOfWeekday
    }
  }
}

function withResidual(
  { pending, residuals = { windows: 0, sum: 0 } }: RateWatch,
  { bad, variance }: Expected
): { readonly windows: number; readonly sum: number } {
  if (residuals.windows >= residualWindows || variance <= 0) return residuals
  return {
    windows: residuals.windows + 1,
    sum: residuals.sum + (pending.bad - bad) ** 2 / variance
  }
}

/** By how much more the difference varies because the reference is a sample itself. */
function sampling({ variance, plainVariance }: Expected): number {
  return plainVariance > 0 ? variance / plainVariance : 1
}

function burstiness({ residuals }: RateWatch): number {
  if (residuals === undefined || residuals.windows < residualWindows) return 1
  return Math.max(1, residuals.sum / residuals.windows)
}

function withDispersion({ dispersion, pending }: RateWatch): DispersionSums {
  const isEstimated = dispersion.windows >= dispersionWindows
  return isEstimated ? dispersion : addDispersionWindow(dispersion, pending)
}
