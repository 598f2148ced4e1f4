import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'

/** The share of alpha that guards have together. */
const guardsShare = 0.02

/**
 * Returns the share of alpha that each test of an objective has: of each class, and of each side of bias. The shares
 * of all objectives and guards sum to 1 (docs/statistics.md#the-budget-over-objectives).
 */
export function alphaShare(
  { objectives, guards }: Pick<Analysis, 'objectives' | 'guards'>,
  { isGuard, metric, classes }: Pick<Objective, 'isGuard' | 'metric' | 'classes'>
): number {
  if (isGuard) return guardsShare / guards.length
  const own = (guards.length === 0 ? 1 : 1 - guardsShare) / objectives.length
  return own / (metric === 'bias' ? 2 : (classes?.length ?? 1))
}
