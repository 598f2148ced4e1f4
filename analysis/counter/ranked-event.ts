import { createHash } from 'node:crypto'
import { isInTime } from './changes.ts'
import type { PredictionUpdate, ReadyCounter } from './update.ts'
import { blockStart } from './grid.ts'
import type { RankedEvent } from './rank-book.ts'

/** 96 bits. */
const keyCharacters = 16

/**
 * Returns what AUC has to know of an update; undefined if it is not about a canary's prediction with a score, or came
 * too late.
 *
 * @param ready the counter of predictions with a label and a score
 */
export function rankedEvent(
  { grid }: ReadyCounter,
  update: PredictionUpdate,
  at: { readonly run: number; readonly positive: string; readonly nowMs: number }
): RankedEvent | undefined {
  const { after, key } = update
  const score = after.measures?.score
  if (after.variant !== 'canary' || after.isPending || after.isError) return undefined
  if (score === undefined || !isInTime(grid, update, at.nowMs)) return undefined
  const digest = createHash('sha256').update(`${at.run} ${key}`).digest('base64url')
  return {
    blockMs: blockStart(grid, after.timeMs),
    key: digest.slice(0, keyCharacters),
    score,
    isPositive: after.label === undefined ? null : after.label === at.positive,
    cluster: after.cluster ?? null
  }
}
