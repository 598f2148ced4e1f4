import {
  noDistributionWatch,
  watchDistribution
} from '../../../analysis/drift/distribution-watch.ts'
import type { DistributionWatch } from '../../../analysis/drift/distribution-watch.ts'
import { noRateWatch, watchRate } from '../../../analysis/drift/rate-watch.ts'
import type { RateWatch } from '../../../analysis/drift/rate-watch.ts'
import { seededRandom } from '../../../analysis/replay/seeded-random.ts'

/** The length of a window. */
export const windowMs = 300_000
const hourMs = 3_600_000
/** One statistic of five has its share of the budget: see docs/statistics/drift.md. */
const windowsToFalseAlarm = 8_640 * 5

/** The rhythm of a time: from -1 to 1 by day, and whether it is a weekend. */
export interface Rhythm {
  readonly day: number
  readonly isWeekend: boolean
}

/** Returns the rhythm of a time; 1970 began on a Thursday. */
export function rhythmOf(timeMs: number): Rhythm {
  const hours = timeMs / hourMs
  const weekday = Math.floor(hours / 24 + 3) % 7
  return { day: Math.sin((hours / 24) * 2 * Math.PI), isWeekend: weekday >= 5 }
}

/** A service whose events, bad rate and values follow a rhythm. */
export interface Service {
  readonly eventsAnHour: (rhythm: Rhythm) => number
  readonly badRate: (rhythm: Rhythm, timeMs: number) => number
  readonly valueOf: (rhythm: Rhythm, random: () => number) => string
}

/** What two statistics of a service did. */
export interface Watched {
  readonly rate: RateWatch
  readonly values: DistributionWatch
  /** When alarms were raised, in milliseconds since the start. */
  readonly rateAlarmsMs: readonly number[]
  readonly valueAlarmsMs: readonly number[]
}

/** Watches a service for some days, window by window. */
export function watchService(
  service: Service,
  { days, seed, limit }: { readonly days: number; readonly seed: number; readonly limit: number }
): Watched {
  const random = seededRandom(seed)
  let [rate, values] = [noRateWatch, noDistributionWatch]
  const rateAlarmsMs: number[] = []
  const valueAlarmsMs: number[] = []
  for (let startMs = 0; startMs < days * 24 * hourMs; startMs += windowMs) {
    const rhythm = rhythmOf(startMs)
    const mean = (service.eventsAnHour(rhythm) * windowMs) / hourMs
    const events = Math.floor(mean + random())
    const badRate = service.badRate(rhythm, startMs)
    let bad = 0
    const window: Record<string, number> = {}
    for (let event = 0; event < events; event += 1) {
      if (random() < badRate) bad += 1
      const value = service.valueOf(rhythm, random)
      window[value] = (window[value] ?? 0) + 1
    }
    const endMs = startMs + windowMs
    const [rateBefore, valuesBefore] = [rate.alarms, values.alarms]
    rate = watchRate(rate, { events, bad }, { limit, windowsToFalseAlarm, startMs, endMs })
    if (rate.alarms > rateBefore) rateAlarmsMs.push(endMs)
    values = watchDistribution(values, window, { binning: 'tenths', windowsToFalseAlarm, endMs })
    if (values.alarms > valuesBefore) valueAlarmsMs.push(endMs)
  }
  return { rate, values, rateAlarmsMs, valueAlarmsMs }
}
