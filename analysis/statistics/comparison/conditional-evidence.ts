import type { Block } from '../counts.ts'
import type { Evidence } from '../evidence.ts'
import {
  addToWealth,
  initialWealth,
  lnMixedWealth,
  oddsAtLeast,
  oddsAtMost
} from './odds-hypothesis.ts'
import type { OddsHypothesis } from './odds-hypothesis.ts'

/** What "not worse than the primary" means, as odds ratios of a bad event. */
export interface OddsTolerance {
  /** FAIL proves a ratio above this; 1 allows no excess. */
  readonly nullOdds: number
  /** PASS proves a ratio below this; above `nullOdds`. */
  readonly tolerance: number
}

/** The prepared tests of an {@link OddsTolerance}. */
export interface ConditionalTest {
  readonly fail: OddsHypothesis
  readonly pass: OddsHypothesis
}

/** The state of a comparison by odds: the natural logarithm of each alternative's wealth. Plain JSON. */
export interface ConditionalEvidence {
  readonly fail: readonly number[]
  readonly pass: readonly number[]
}

/** Prepares both one-sided tests. Derivation: docs/statistics/comparison.md#comparison-by-odds. */
export function conditionalTest({ nullOdds, tolerance }: OddsTolerance): ConditionalTest {
  const design = tolerance / nullOdds
  return { fail: oddsAtMost(nullOdds, design), pass: oddsAtLeast(tolerance, design) }
}

/** The state before the first block. */
export function noConditionalEvidence(test: ConditionalTest): ConditionalEvidence {
  return { fail: initialWealth(test.fail), pass: initialWealth(test.pass) }
}

/**
 * Adds a closed block. Each block must be added once; the order does not matter.
 */
export function addConditionalBlock(
  evidence: ConditionalEvidence,
  block: Block,
  test: ConditionalTest
): ConditionalEvidence {
  return {
    fail: addToWealth(evidence.fail, block, test.fail),
    pass: addToWealth(evidence.pass, block, test.pass)
  }
}

/** Returns the evidence of the blocks so far. Each log-wealth is divided by `dispersion`, at least 1. */
export function conditionalEvidence(
  evidence: ConditionalEvidence,
  test: ConditionalTest,
  dispersion = 1
): Evidence {
  return {
    lnEFail: lnMixedWealth(evidence.fail, test.fail, dispersion),
    lnEPass: lnMixedWealth(evidence.pass, test.pass, dispersion)
  }
}
