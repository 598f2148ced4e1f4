import { addCounts, noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'

/** Start, events and bad events of the windows of the last hours, oldest first. Plain JSON. */
export type LastWindows = readonly (readonly [number, number, number])[]

/** The length of a window of the drift watch. */
export const windowMs = 300_000
const hourMs = 3_600_000

/** The spans over which rates of the last hours are shown. */
export const lastSpans = [
  { name: '1h', spanMs: hourMs },
  { name: '6h', spanMs: 6 * hourMs }
] as const

const keptMs = 6 * hourMs

/** Adds a closed window, and forgets those that are too old to be shown. */
export function addLastWindow(
  known: LastWindows,
  startMs: number,
  { events, bad }: RateCounts
): LastWindows {
  return [...known.filter(([atMs]) => atMs > startMs - keptMs), [startMs, events, bad]]
}

/** Returns the counts of windows that started after a time. */
export function countsSince(windows: LastWindows, fromMs: number): RateCounts {
  return windows.reduce(
    (sum, [startMs, events, bad]) => (startMs <= fromMs ? sum : addCounts(sum, { events, bad })),
    noCounts
  )
}
