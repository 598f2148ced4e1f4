/** Events of one arm and how many of them were bad: wrong, slow or failed. `0 <= bad <= events`. */
export interface RateCounts {
  /** How many events were seen. Fractional only after a division by the dispersion. */
  readonly events: number
  readonly bad: number
}

/** What both arms saw in the same interval of event time. Whole numbers. */
export interface Block {
  readonly canary: RateCounts
  readonly primary: RateCounts
}

/** Where every count begins. */
export const noCounts: RateCounts = { events: 0, bad: 0 }

/** Both counts together: commutative and associative, so replicas may add theirs in any order. */
export function addCounts(one: RateCounts, other: RateCounts): RateCounts {
  return { events: one.events + other.events, bad: one.bad + other.bad }
}

/** Every count divided by `divisor`, at least 1: what the evidence is worth under over-dispersion. */
export function divideCounts(counts: RateCounts, divisor: number): RateCounts {
  return { events: counts.events / divisor, bad: counts.bad / divisor }
}

/**
 * Why counts from outside cannot be used, in words for a log; undefined when they can. A block with
 * a defect is skipped and reported, it never becomes evidence.
 */
export function defectOfCounts({ events, bad }: RateCounts): string | undefined {
  if (!Number.isFinite(events) || !Number.isFinite(bad)) return 'a count is not a number'
  if (events < 0 || bad < 0) return 'a count is negative'
  if (bad > events) return 'more bad events than events'
  return undefined
}

/** {@link defectOfCounts} of both arms; a comparison also needs whole numbers. */
export function defectOfBlock({ canary, primary }: Block): string | undefined {
  for (const [arm, counts] of Object.entries({ canary, primary })) {
    const defect = defectOfCounts(counts)
    if (defect !== undefined) return `${arm}: ${defect}`
    if (!Number.isSafeInteger(counts.events) || !Number.isSafeInteger(counts.bad)) {
      return `${arm}: a count is not a whole number`
    }
  }
  return undefined
}
