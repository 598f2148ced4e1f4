import type { ScoredEvent } from '../fixed/area-under-curve.ts'

/**
 * Pairs positives with negatives in the order given, each used once, and returns what each pair lost: 0 if the
 * positive has the higher score, 1 if the negative has, and 1/2 for a tie. If the order knows nothing of scores, each
 * pair is a draw whose mean is 1 less the area under the curve. Derivation: docs/statistics/ranking.md.
 */
export function lostByPairs(events: readonly ScoredEvent[]): readonly number[] {
  const [positives, negatives] = [true, false].map(is =>
    events.filter(({ isPositive }) => isPositive === is)
  )
  const pairs = Math.min(positives?.length ?? 0, negatives?.length ?? 0)
  return Array.from({ length: pairs }, (_, at) => {
    const gap = (positives?.[at]?.score ?? 0) - (negatives?.[at]?.score ?? 0)
    return gap > 0 ? 0 : gap < 0 ? 1 : 0.5
  })
}
