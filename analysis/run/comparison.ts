import { isLatency } from '../settings/metric.ts'
import type { Objective } from '../settings/objective.ts'
import {
  addConditionalBlock,
  conditionalEvidence,
  conditionalTest,
  noConditionalEvidence
} from '../statistics/comparison/conditional-evidence.ts'
import { passByEither } from '../statistics/comparison/pass-by-either.ts'
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
/** The assumed rates of an unknown primary; any value is valid. */
const unknownBadRate = 0.05
const unknownErrorRate = 0.01

/**
 * Creates the comparison of an objective: differences of rates if a margin is given, otherwise four cuts for the
 * 99th percentile and odds ratios for other metrics (docs/statistics.md#comparison).
 */
export function comparisonOf(objective: Objective): Comparison {
  const { metric, margin, isMarginGiven, expectedBadRatio } = objective
  const unknownRate = metric === 'error-rate' ? unknownErrorRate : unknownBadRate
  const difference: RateDifference = {
    limit: 0,
    margin,
    expectedRate: expectedBadRatio ?? unknownRate
  }
  if (isMarginGiven) return marginComparison(difference)
  if (metric === 'latency.p99') return cutComparison()
  return oddsComparison(isLatency(metric) ? undefined : difference)
}

function hasBoth({ canary, primary }: Block): boolean {
  return canary.events > 0 && primary.events > 0
}

/**
 * @param difference what passes too, because odds say nothing where nobody errs; undefined: odds alone
 */
function oddsComparison(difference: RateDifference | undefined): Comparison {
  const test = conditionalTest({ nullOdds: 1, tolerance: oddsTolerance })
  let state = noConditionalEvidence(test)
  const byMargin = difference && marginComparison(difference)
  let hasBlocks = false
  return {
    add: ([block]) => {
      if (block === undefined || !hasBoth(block)) return
      hasBlocks = true
      state = addConditionalBlock(state, block, test)
      byMargin?.add([block])
    },
    evidence: dispersion => {
      if (!hasBlocks) return undefined
      const odds = conditionalEvidence(state, test, dispersion)
      const margin = byMargin?.evidence(dispersion)
      return margin === undefined ? odds : passByEither(odds, margin)
    }
  }
}

function marginComparison(difference: RateDifference): Comparison {
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
