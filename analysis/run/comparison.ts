import type { Objective } from '../settings/objective.ts'
import {
  addConditionalBlock,
  conditionalEvidence,
  conditionalTest,
  noConditionalEvidence
} from '../statistics/comparison/conditional-evidence.ts'
import {
  addMarginBlock,
  marginEvidence,
  noMarginEvidence
} from '../statistics/comparison/margin-evidence.ts'
import type { RateDifference } from '../statistics/comparison/margin-evidence.ts'
import type { Block } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import { addCutBlocks, cutMixEvidence, noCutMix } from '../statistics/latency/cut-mix.ts'
import type { CutBlocks } from '../statistics/latency/cut-mix.ts'

/** A comparison with the primary, block by block. */
export interface Comparison {
  /** Adds a closed block with the counts of each counter of the objective; call it once per block, in order. */
  add(blocks: readonly Block[]): void
  /** Undefined before a block with events of both arms. */
  evidence(dispersion: number): Evidence | undefined
}

/** The highest odds ratio of a bad event, canary to primary, that PASS accepts. */
const oddsTolerance = 1.5
/** The assumed rate of an unknown primary; any value is valid. */
const unknownRate = 0.05

/**
 * Creates the comparison of an objective: odds ratios by default, differences of rates if a margin is given,
 * four cuts for the 99th percentile (docs/statistics.md#comparison).
 */
export function comparisonOf(objective: Objective): Comparison {
  if (objective.metric === 'latency.p99') return cutComparison()
  if (!objective.isMarginGiven) return oddsComparison()
  return marginComparison(objective.margin, objective.expectedBadRatio ?? unknownRate)
}

function hasBoth({ canary, primary }: Block): boolean {
  return canary.events > 0 && primary.events > 0
}

function oddsComparison(): Comparison {
  const test = conditionalTest({ nullOdds: 1, tolerance: oddsTolerance })
  let state = noConditionalEvidence(test)
  let hasBlocks = false
  return {
    add: ([block]) => {
      if (block === undefined || !hasBoth(block)) return
      hasBlocks = true
      state = addConditionalBlock(state, block, test)
    },
    evidence: dispersion => (hasBlocks ? conditionalEvidence(state, test, dispersion) : undefined)
  }
}

function marginComparison(margin: number, expectedRate: number): Comparison {
  const difference: RateDifference = { limit: 0, margin, expectedRate }
  let state = noMarginEvidence(difference)
  let hasBlocks = false
  return {
    add: ([block]) => {
      if (block === undefined || !hasBoth(block)) return
      hasBlocks = true
      state = addMarginBlock(state, block, difference)
    },
    evidence: dispersion => (hasBlocks ? marginEvidence(state, difference, dispersion) : undefined)
  }
}

function cutComparison(): Comparison {
  let state = noCutMix
  let hasBlocks = false
  return {
    add: ([p50, p90, p95, p99]) => {
      if (!p50 || !p90 || !p95 || !p99 || !hasBoth(p50)) return
      hasBlocks = true
      const blocks: CutBlocks = [p50, p90, p95, p99]
      state = addCutBlocks(state, blocks)
    },
    evidence: dispersion => (hasBlocks ? cutMixEvidence(state, dispersion) : undefined)
  }
}
