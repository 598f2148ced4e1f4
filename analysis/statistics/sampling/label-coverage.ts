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

/** Mature predictions of both arms (`bad`: without a label), and evidence that they differ. Plain JSON. */
export interface LabelCoverage {
  readonly canary: RateCounts
  readonly primary: RateCounts
  /** Log-wealth against "labels of the canary are not missing more often", and the reverse. */
  readonly canaryMisses: readonly number[]
  readonly primaryMisses: readonly number[]
}

/** Whether labels suffice for a verdict. `coverage` is the labelled share of the canary, in [0, 1]. */
export type CoverageDecision =
  | { readonly kind: 'sufficient'; readonly coverage: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'too-low'; readonly coverage: number }
  | { readonly kind: 'arms-differ'; readonly coverage: number; readonly primaryCoverage: number }

/** The share of mature predictions that must have a label. */
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

/** Adds a closed block of mature predictions; those without a label are bad. */
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
 * Decides whether labels suffice for a verdict. They do not if fewer than 80 % of the canary's mature
 * predictions have one, or if the arms are proved at 1 % to be labelled differently.
 * Derivation: docs/statistics/sampling.md#label-coverage.
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
