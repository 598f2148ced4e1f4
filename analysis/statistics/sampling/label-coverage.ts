import {
  addToWealth,
  initialWealth,
  lnMixedWealth,
  oddsAtMost
} from '../comparison/odds-hypothesis.ts'
import type { Block } from '../counts.ts'
import { isProved } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'

/** Evidence that the arms are labelled differently, in either direction. Plain JSON. */
export interface LabelCoverage {
  /** Log-wealth against "labels of the canary are not missing more often". */
  readonly canaryMisses: readonly number[]
  /** The reverse. */
  readonly primaryMisses: readonly number[]
}

/** The part of alpha at which arms are proved to be labelled differently. */
const shareOfAlpha = 0.1
const hypothesis = oddsAtMost(1)

/** The state before the first block. */
export const noLabelCoverage: LabelCoverage = {
  canaryMisses: initialWealth(hypothesis),
  primaryMisses: initialWealth(hypothesis)
}

/** Adds a closed block of predictions that should have a label; those without are bad. */
export function addCoverageBlock(coverage: LabelCoverage, block: Block): LabelCoverage {
  const { canary, primary } = block
  const exchanged = { canary: primary, primary: canary }
  return {
    canaryMisses: addToWealth(coverage.canaryMisses, block, hypothesis),
    primaryMisses: addToWealth(coverage.primaryMisses, exchanged, hypothesis)
  }
}

/**
 * Whether the arms are proved, at a tenth of `alpha`, to be labelled differently. Which predictions have a
 * label then depends on the model, and labelled ones prove nothing about the others.
 * Derivation: docs/statistics/sampling.md#sampled-labels.
 */
export function areLabelledDifferently(coverage: LabelCoverage, alpha: number): boolean {
  const lnE = logMeanExp(
    [coverage.canaryMisses, coverage.primaryMisses].map(wealth => lnMixedWealth(wealth, hypothesis))
  )
  return isProved(lnE, alpha * shareOfAlpha)
}
