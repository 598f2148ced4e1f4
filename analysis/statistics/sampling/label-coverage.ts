import {
  addToWealth,
  initialWealth,
  lnMixedWealth,
  oddsAtMost
} from '../comparison/odds-hypothesis.ts'
import { addCounts, noCounts } from '../counts.ts'
import type { Block, RateCounts } from '../counts.ts'
import { isProved } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'

/** Mature predictions of both arms, `bad` being those without a label, and evidence that they differ. */
export interface LabelCoverage {
  readonly canary: RateCounts
  readonly primary: RateCounts
  /** Natural logs of wealth against "the canary's are missing no more often", and the reverse. */
  readonly canaryMisses: readonly number[]
  readonly primaryMisses: readonly number[]
}

/** Whether labels may carry a verdict. `coverage` is the canary's labelled share, in [0, 1]. */
export type CoverageDecision =
  | { readonly kind: 'sufficient'; readonly coverage: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'too-low'; readonly coverage: number }
  | { readonly kind: 'arms-differ'; readonly coverage: number; readonly primaryCoverage: number }

/** The least share of mature predictions that must have a label. */
export const leastCoverage = 0.8
const differenceLevel = 0.01
const hypothesis = oddsAtMost(1)

/** The state before the first block. */
export const noLabelCoverage: LabelCoverage = {
  canary: noCounts,
  primary: noCounts,
  canaryMisses: initialWealth(hypothesis),
  primaryMisses: initialWealth(hypothesis)
}

/** The state after a closed block of mature predictions (events) and those without a label (bad). */
export function addCoverageBlock(coverage: LabelCoverage, block: Block): LabelCoverage {
  const { canary, primary } = block
  return {
    canary: addCounts(coverage.canary, canary),
    primary: addCounts(coverage.primary, primary),
    canaryMisses: addToWealth(coverage.canaryMisses, block, hypothesis),
    primaryMisses: addToWealth(
      coverage.primaryMisses,
      { canary: primary, primary: canary },
      hypothesis
    )
  }
}

/**
 * Labels are too few when less than 80 % of the canary's mature predictions have one, and suspect when
 * the two arms are proved at 1 % to differ (the mean of both directions' e-values): either way no
 * verdict can rest on them.
 */
export function decideCoverage(coverage: LabelCoverage): CoverageDecision {
  const { canary, primary } = coverage
  if (canary.events === 0) return { kind: 'none' }
  const share = labelledShare(canary)
  if (share < leastCoverage) return { kind: 'too-low', coverage: share }
  const lnE = logMeanExp(
    [coverage.canaryMisses, coverage.primaryMisses].map(wealth => lnMixedWealth(wealth, hypothesis))
  )
  return isProved(lnE, differenceLevel)
    ? { kind: 'arms-differ', coverage: share, primaryCoverage: labelledShare(primary) }
    : { kind: 'sufficient', coverage: share }
}

function labelledShare({ events, bad }: RateCounts): number {
  return (events - bad) / events
}
