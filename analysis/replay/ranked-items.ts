import type { RateCounts } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import { betFactor, lnMeanOfBets, stakes } from '../statistics/rate/bounded-evidence.ts'
import type { Side } from '../statistics/rate/bounded-evidence.ts'
import type { RateLimit } from '../statistics/rate/rate-evidence.ts'
import { lostByPairs } from '../statistics/ranking/disjoint-pairs.ts'

/** Items with a score, paired in their random order. Plain JSON. */
export interface RankedItems {
  /** Scores that wait for one of the other kind. */
  readonly positives: readonly number[]
  readonly negatives: readonly number[]
  readonly pairs: number
  readonly ties: number
  /** Pairs of which the negative has the higher score. */
  readonly lost: number
}

/** Nothing is paired. */
export const noRanked: RankedItems = { positives: [], negatives: [], pairs: 0, ties: 0, lost: 0 }

/** More do not wait: they are left out whatever their score is. */
const mostWaiting = 1_000

/** Adds an item, in the random order of a replay. */
export function addRanked(
  known: RankedItems,
  { score, isPositive }: { readonly score: number; readonly isPositive: boolean }
): RankedItems {
  const [own, other] = isPositive
    ? (['positives', 'negatives'] as const)
    : (['negatives', 'positives'] as const)
  const [first, ...rest] = known[other]
  if (first === undefined) {
    return known[own].length < mostWaiting ? { ...known, [own]: [...known[own], score] } : known
  }
  const [lost] = lostByPairs([
    { score, isPositive },
    { score: first, isPositive: !isPositive }
  ])
  return {
    ...known,
    [other]: rest,
    pairs: known.pairs + 1,
    ties: known.ties + (lost === 0.5 ? 1 : 0),
    lost: known.lost + (lost === 1 ? 1 : 0)
  }
}

/** The pairs and what they lost: a tie is half of a loss. */
export function rankedCounts({ pairs, ties, lost }: RankedItems): RateCounts {
  return { events: pairs, bad: lost + ties / 2 }
}

/** The evidence of the pairs about an area, by bets on each. */
export function rankedEvidence(
  { pairs, ties, lost }: RankedItems,
  { limit, margin }: RateLimit
): Evidence {
  const lnE = (side: Side, border: number) =>
    lnMeanOfBets(
      stakes.map((_, at) => {
        const gain = (value: number) => Math.log(betFactor(value, { side, at, border }))
        return lost * gain(1) + ties * gain(0.5) + (pairs - ties - lost) * gain(0)
      }),
      0
    )
  return { lnEFail: lnE('fail', limit), lnEPass: lnE('pass', limit + margin) }
}
