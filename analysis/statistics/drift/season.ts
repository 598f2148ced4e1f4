/** Events of one hour by what they were, such as good and bad ones, or the bins of a distribution. */
export type HourCounts = readonly number[]

interface Slot {
  /** How many times the hour of the week was seen. */
  readonly weeks: number
  readonly counts: HourCounts
}

/** What was counted in earlier hours, by hour of the week (docs/statistics/drift.md). Plain JSON. */
export interface Season {
  readonly slots: Readonly<Record<string, Slot>>
  /** The last hours: they are no reference yet, because a drift of today would hide itself. */
  readonly recent: readonly { readonly hour: number; readonly counts: HourCounts }[]
}

/** What an hour is compared with. */
export interface SeasonReference {
  readonly counts: HourCounts
  /** Whether the hour is of this day of the week; otherwise it is of any day. */
  readonly isOfWeekday: boolean
}

/** The season before the first hour. */
export const noSeason: Season = { slots: {}, recent: [] }

const hourMs = 3_600_000
const hoursOfDay = 24
const hoursOfWeek = 168
/** An hour with few events is compared with those around it too: a rhythm changes slowly. */
const radii = [0, 1, 2] as const
const enoughEvents = 1_000
/** The last of yesterday's hours around this one has to be there. */
const settledAfterHours = 21
/** Above it the oldest week fades. */
const mostWeeks = 5

/** The number of an hour since 1970. */
export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / hourMs)
}

/** How many events of an hour were counted so far; 0 once it is settled. */
export function eventsOfHour({ recent }: Season, hour: number): number {
  const counts = recent.find(each => each.hour === hour)?.counts ?? []
  return counts.reduce((sum, each) => sum + each, 0)
}

/** Adds counts of an hour, and settles what is old enough to compare with. */
export function addToSeason(season: Season, hour: number, counts: HourCounts): Season {
  const recent = withHour(season.recent, hour, counts)
  const newest = recent.reduce((last, each) => Math.max(last, each.hour), hour)
  const isSettled = (each: { readonly hour: number }) => each.hour <= newest - settledAfterHours
  const settled = recent.filter(isSettled)
  if (settled.length === 0) return { slots: season.slots, recent }
  const slots: Record<string, Slot> = { ...season.slots }
  for (const each of settled) {
    const key = String(each.hour % hoursOfWeek)
    slots[key] = withWeek(slots[key], each.counts)
  }
  return { slots, recent: recent.filter(each => !isSettled(each)) }
}

/**
 * Returns what an hour is compared with: the same hour of the week and its neighbours in earlier weeks, or the same
 * hours of any day until a week is there; undefined before the second day.
 */
export function seasonReference({ slots }: Season, hour: number): SeasonReference | undefined {
  const at = (offset: number) => slots[String((hour + offset + 2 * hoursOfWeek) % hoursOfWeek)]
  if (at(0) !== undefined) return { counts: around([0], at), isOfWeekday: true }
  const days = Array.from(
    { length: hoursOfWeek / hoursOfDay - 1 },
    (_, day) => (day + 1) * hoursOfDay
  )
  const found = days.filter(offset => at(offset) !== undefined)
  if (found.length === 0) return undefined
  return { counts: around(found, at), isOfWeekday: false }
}

/** Returns the counts of some hours, with as few of their neighbours as give enough events. */
function around(offsets: readonly number[], at: (offset: number) => Slot | undefined): HourCounts {
  let counts: HourCounts = []
  for (const radius of radii) {
    const added = radius === 0 ? [0] : [-radius, radius]
    counts = add(counts, sumOf(offsets.flatMap(offset => added.map(each => at(offset + each)))))
    if (counts.reduce((sum, each) => sum + each, 0) >= enoughEvents) break
  }
  return counts
}

function withHour(recent: Season['recent'], hour: number, counts: HourCounts): Season['recent'] {
  if (!recent.some(each => each.hour === hour)) return [...recent, { hour, counts }]
  return recent.map(each =>
    each.hour === hour ? { hour, counts: add(each.counts, counts) } : each
  )
}

function withWeek(slot: Slot | undefined, counts: HourCounts): Slot {
  if (slot === undefined) return { weeks: 1, counts }
  const kept = slot.weeks < mostWeeks ? 1 : (mostWeeks - 1) / mostWeeks
  return {
    weeks: Math.min(mostWeeks, slot.weeks + 1),
    counts: add(
      slot.counts.map(count => count * kept),
      counts
    )
  }
}

function sumOf(slots: readonly (Slot | undefined)[]): HourCounts {
  return slots.reduce<HourCounts>(
    (sum, slot) => (slot === undefined ? sum : add(sum, slot.counts)),
    []
  )
}

function add(one: HourCounts, other: HourCounts): HourCounts {
  const length = Math.max(one.length, other.length)
  return Array.from({ length }, (_, at) => (one[at] ?? 0) + (other[at] ?? 0))
}
