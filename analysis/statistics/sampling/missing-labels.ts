import type { Block, RateCounts } from '../counts.ts'

/** Predictions of one arm that should have a label by now. */
export interface LabelledCounts {
  /** Those with a label that count, and how many of them are bad. */
  readonly labelled: RateCounts
  /** Those without a label that may be good events. */
  readonly missingGood: number
  /** Those without a label that may be bad events. */
  readonly missingBad: number
}

/** Counts each missing label as good: the fewest bad events, which FAIL is proved with. */
export function countsAtBest({ labelled, missingGood }: LabelledCounts): RateCounts {
  return { events: labelled.events + missingGood, bad: labelled.bad }
}

/** Counts each missing label as bad: the most bad events, which PASS is proved with. */
export function countsAtWorst({ labelled, missingBad }: LabelledCounts): RateCounts {
  return { events: labelled.events + missingBad, bad: labelled.bad + missingBad }
}

/** One block as FAIL and as PASS count it. */
export interface BlockBounds {
  /** The canary at its best, the primary at its worst. */
  readonly fail: Block
  /** The canary at its worst, the primary at its best. */
  readonly pass: Block
}

/**
 * Returns the bounds of a block. Whatever made the labels missing, the block as it would be with all of its
 * labels is between them. Derivation: docs/statistics/sampling.md#missing-labels.
 */
export function blockBounds(arms: {
  readonly canary: LabelledCounts
  readonly primary: LabelledCounts
}): BlockBounds {
  const { canary, primary } = arms
  return {
    fail: { canary: countsAtBest(canary), primary: countsAtWorst(primary) },
    pass: { canary: countsAtWorst(canary), primary: countsAtBest(primary) }
  }
}
