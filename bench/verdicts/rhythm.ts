import { noRateWatch, watchRate } from '../../analysis/drift/rate-watch.ts'
import { binomial } from './random.ts'
import type { Random } from './random.ts'

const windowMs = 300_000
const hourMs = 3_600_000
const weekMs = 168 * hourMs
const windowsToFalseAlarm = 8_640 * 5
/** A rule without a reference fires above it. */
const rawLimit = 0.09

interface World {
  readonly name: string
  readonly eventsAnHour: number
  /** The rise from the start of the fourth week on. */
  readonly shift: number
}

const worlds: readonly World[] = [
  { name: 'no drift, 200 events an hour', eventsAnHour: 200, shift: 0 },
  { name: 'no drift, 2,000 events an hour', eventsAnHour: 2_000, shift: 0 },
  { name: 'five points, 200 events an hour', eventsAnHour: 200, shift: 0.05 },
  { name: 'five points, 2,000 events an hour', eventsAnHour: 2_000, shift: 0.05 }
]

/**
 * Four weeks with a daily and a weekly rhythm of the bad rate: alarms before the fourth week and how long a shift takes
 * to be found then, by the hourly rate above a limit and by the same hour of earlier days.
 */
export function rhythmRows(random: Random, reps: number): readonly (readonly string[])[] {
  const head = [
    '',
    'raw alarms',
    'same hour alarms',
    'in the first week',
    'median hours to a shift'
  ]
  const runs = Math.max(5, Math.round(reps / 100))
  const rows = worlds.map(world => {
    const all = Array.from({ length: runs }, () => fourWeeks(world, random))
    const mean = (of: (run: Run) => number) =>
      (all.reduce((sum, run) => sum + of(run), 0) / runs).toFixed(1)
    const hours = all.map(({ foundHours }) => foundHours).sort((a, b) => a - b)
    const median = hours[Math.floor(runs / 2)] ?? Number.NaN
    return [
      world.name,
      mean(run => run.raw),
      mean(run => run.alarms),
      mean(run => run.firstWeek),
      world.shift === 0 ? '' : median.toFixed(1)
    ]
  })
  return [head, ...rows]
}

interface Run {
  readonly raw: number
  readonly alarms: number
  readonly firstWeek: number
  readonly foundHours: number
}

function fourWeeks({ eventsAnHour, shift }: World, random: Random): Run {
  let watch = noRateWatch
  let [raw, alarms, firstWeek, foundHours] = [0, 0, 0, Number.POSITIVE_INFINITY]
  let hour = { events: 0, bad: 0 }
  for (let startMs = 0; startMs < 4 * weekMs; startMs += windowMs) {
    const isShifted = startMs >= 3 * weekMs
    const events = Math.floor((eventsAnHour * windowMs) / hourMs + random.uniform())
    const bad = binomial(random, events, rateAt(startMs) + (isShifted ? shift : 0))
    const [before, endMs] = [watch.alarms, startMs + windowMs]
    watch = watchRate(watch, { events, bad }, { limit: 0.5, windowsToFalseAlarm, startMs, endMs })
    const isAlarm = watch.alarms > before
    if (isAlarm && !isShifted) alarms += 1
    if (isAlarm && startMs < weekMs) firstWeek += 1
    if (isAlarm && isShifted) foundHours = Math.min(foundHours, (endMs - 3 * weekMs) / hourMs)
    hour = { events: hour.events + events, bad: hour.bad + bad }
    if (endMs % hourMs !== 0) continue
    if (!isShifted && hour.bad > rawLimit * hour.events) raw += 1
    hour = { events: 0, bad: 0 }
  }
  return { raw, alarms, firstWeek, foundHours }
}

/** From 2 % at night to 8 % by day, and three points more at the weekend. */
function rateAt(timeMs: number): number {
  const days = timeMs / (24 * hourMs)
  const isWeekend = Math.floor(days) % 7 >= 5
  return 0.05 + 0.03 * Math.sin(days * 2 * Math.PI) + (isWeekend ? 0.03 : 0)
}
