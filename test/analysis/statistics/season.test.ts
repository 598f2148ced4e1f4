import t from 'tap'
import {
  addToSeason,
  noSeason,
  seasonReference
} from '../../../analysis/statistics/drift/season.ts'
import { watchService } from './seasons.ts'
import type { Rhythm } from './seasons.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

t.test('An hour is compared with the same hours of earlier days, then of earlier weeks', t => {
  const until = (hours: number) =>
    Array.from({ length: hours }, (_, hour) => hour).reduce(
      (season, hour) => addToSeason(season, hour, [100, hour < 168 ? hour % 24 : 50]),
      noSeason
    )
  t.equal(seasonReference(until(20), 20), undefined, 'the first day')
  t.same(
    seasonReference(until(34), 34),
    { counts: [500, 8 + 9 + 10 + 11 + 12], isOfWeekday: false },
    'ten o’clock of the second day, by eight to twelve of the first'
  )
  t.same(
    seasonReference(until(24 * 7 + 10), 24 * 7 + 10),
    { counts: [500, 50], isOfWeekday: true },
    'the same hour of the week'
  )
  const fading = until(168 * 8)
  const [events = 0] = seasonReference(fading, 168 * 8)?.counts ?? []
  t.equal(
    Math.round(events),
    1_500,
    'after five weeks the oldest fade, and one neighbour is enough'
  )
  t.end()
})

const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** More traffic, more bad events and slower responses by day; less traffic that is worse at the weekend. */
const rhythmic = {
  eventsAnHour: ({ day, isWeekend }: Rhythm) => 200 * (1 + 0.5 * day) * (isWeekend ? 0.7 : 1),
  badRate: ({ day, isWeekend }: Rhythm) => 0.05 + 0.03 * day + (isWeekend ? 0.03 : 0),
  valueOf: ({ day, isWeekend }: Rhythm, random: () => number) => {
    const ms = 50 * (1 + 0.4 * day) * (isWeekend ? 1.3 : 1) * Math.exp(0.5 * normal(random))
    return String(Math.round(Math.log(ms) / 0.02))
  }
}

t.test('A daily and weekly rhythm raises at most one alarm a month and statistic', t => {
  for (const seed of [1, 2, 3]) {
    const { rateAlarmsMs, valueAlarmsMs } = watchService(rhythmic, { days: 35, seed, limit: 0.3 })
    for (const alarms of [rateAlarmsMs, valueAlarmsMs]) {
      t.ok(alarms.length <= 1, `${alarms.length} alarms`)
      t.ok(
        alarms.every(atMs => atMs < 7 * dayMs),
        'only before a week is known'
      )
    }
  }
  t.end()
})

t.test('A shift of five points is found within six hours at 200 events an hour', t => {
  const hoursToAlarm = (badRate: (rhythm: Rhythm) => number, days: number) => {
    const found = Array.from({ length: 15 }, (_, seed) => {
      const shiftMs = days * dayMs + (seed % 24) * hourMs
      const service = {
        eventsAnHour: () => 200,
        badRate: (rhythm: Rhythm, timeMs: number) =>
          badRate(rhythm) + (timeMs >= shiftMs ? 0.05 : 0),
        valueOf: () => '1'
      }
      const { rateAlarmsMs } = watchService(service, { days: days + 2.5, seed, limit: 0.5 })
      const atMs = rateAlarmsMs.find(each => each > shiftMs) ?? Number.POSITIVE_INFINITY
      return (atMs - shiftMs) / hourMs
    })
    return found.sort((a, b) => a - b)[7] ?? Number.NaN
  }
  t.ok(hoursToAlarm(() => 0.02, 2) <= 6, 'without a rhythm, on the third day')
  t.ok(hoursToAlarm(rhythmic.badRate, 12) <= 6, 'with a rhythm, in the second week')
  t.ok(hoursToAlarm(rhythmic.badRate, 33) <= 6, 'after a month')
  t.end()
})
