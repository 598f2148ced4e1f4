import type { Analysis } from '../settings/analysis.ts'

/** The share of alpha that guards have together. */
const guardsShare = 0.02

/**
 * Returns the share of alpha that one objective or one guard has. The shares of all sum to 1
 * (docs/statistics.md#the-budget-over-objectives).
 */
export function alphaShare(
  { objectives, guards }: Pick<Analysis, 'objectives' | 'guards'>,
  isGuard: boolean
): number {
  if (isGuard) return guardsShare / guards.length
  return (guards.length === 0 ? 1 : 1 - guardsShare) / objectives.length
}
