/** Events of one arm and how many of them are bad (docs/statistics.md#bad-events). `0 <= bad <= events`. */
export interface RateCounts {
  /** Whole, or fractional after a division by the dispersion. */
  readonly events: number
  readonly bad: number
}

/** The counts of both arms in the same block of event time. Whole numbers. */
export interface Block {
  readonly canary: RateCounts
  readonly primary: RateCounts
}

/** Zero events. */
export const noCounts: RateCounts = { events: 0, bad: 0 }

/** Returns the sum of two counts. Replicas may add theirs in any order. */
export function addCounts(one: RateCounts, other: RateCounts): RateCounts {
  return { events: one.events + other.events, bad: one.bad + other.bad }
}

/** Returns counts divided by a dispersion of at least 1 (docs/statistics/sampling.md#dispersion). */
export function divideCounts(counts: RateCounts, divisor: number): RateCounts {
  return { events: counts.events / divisor, bad: counts.bad / divisor }
}

/**
 * Returns why counts from outside cannot be used, for a log; undefined if they can. A block with a defect is
 * left out and reported.
 */
export function defectOfCounts({ events, bad }: RateCounts): string | undefined {
  if (!Number.isFinite(events) || !Number.isFinite(bad)) return 'a count is not a number'
  if (events < 0 || bad < 0) return 'a count is negative'
  if (bad > events) return 'more bad events than events'
  return undefined
}
