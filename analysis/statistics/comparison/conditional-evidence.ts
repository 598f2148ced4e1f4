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

/** What "not worse than the primary" means, in odds ratios of a bad event. */
export interface OddsTolerance {
  /** FAIL proves a ratio above this; 1 unless some excess is allowed. */
  readonly nullOdds: number
  /** PASS proves a ratio below this, above `nullOdds`; 1.5 by default. */
  readonly tolerance: number
}

/** An {@link OddsTolerance} made ready. */
export interface ConditionalTest {
  readonly fail: OddsHypothesis
  readonly pass: OddsHypothesis
}

/** The state of a comparison with the primary: natural logs of each alternative's wealth. Plain JSON. */
export interface ConditionalEvidence {
  readonly fail: readonly number[]
  readonly pass: readonly number[]
}

/** Both one-sided tests; the design effect of each is the other's null hypothesis. */
export function conditionalTest({ nullOdds, tolerance }: OddsTolerance): ConditionalTest {
  const design = tolerance / nullOdds
  return { fail: oddsAtMost(nullOdds, design), pass: oddsAtLeast(tolerance, design) }
}

/** The state before the first block. */
export function noConditionalEvidence(test: ConditionalTest): ConditionalEvidence {
  return { fail: initialWealth(test.fail), pass: initialWealth(test.pass) }
}

/**
 * The state after a closed block. Each block may be added once, in any order; a sequential
 * Cochran-Mantel-Haenszel test.
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

/** Evidence of the blocks so far, each log-wealth divided by `dispersion`, at least 1. */
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
