import {
  addConditionalBlock,
  conditionalEvidence,
  noConditionalEvidence
} from '../comparison/conditional-evidence.ts'
import type { ConditionalEvidence, ConditionalTest } from '../comparison/conditional-evidence.ts'
import { addMarginBlock, marginEvidence, noMarginEvidence } from '../comparison/margin-evidence.ts'
import type { MarginEvidence, RateDifference } from '../comparison/margin-evidence.ts'
import { oddsAtLeast, oddsAtMost } from '../comparison/odds-hypothesis.ts'
import { passByEither } from '../comparison/pass-by-either.ts'
import type { Block } from '../counts.ts'
import type { Evidence } from '../evidence.ts'

/** The prepared tests of a shift of one class, the same for both directions. */
export interface ShiftTest {
  readonly odds: ConditionalTest
  /** What PASS accepts too, because odds say nothing about a class that hardly anybody predicts. */
  readonly difference: RateDifference
}

interface Direction {
  readonly odds: ConditionalEvidence
  readonly difference: MarginEvidence
}

/** The state of a comparison of how often both arms predict one class. Plain JSON. */
export interface ShiftState {
  readonly more: Direction
  /** With the arms exchanged. */
  readonly less: Direction
}

/** What is known about one class. */
export interface ShiftEvidence {
  /** That the canary predicts it with more than `tolerance` times the odds of the primary; a logarithm. */
  readonly lnEMore: number
  /** That the primary predicts it with more than `tolerance` times the odds of the canary. */
  readonly lnELess: number
  /** That neither is so, or that the difference is within the margin. */
  readonly lnEPass: number
}

/** The assumed share of a class before the first block; any value is valid. */
const unknownShare = 0.05
/** The difference of shares that PASS accepts whatever the odds. */
export const shiftMargin = 0.02

/**
 * Prepares the tests of "the odds differ by more than `tolerance`, either way".
 *
 * @param tolerance an odds ratio above 1
 */
export function shiftTest(tolerance: number): ShiftTest {
  return {
    odds: { fail: oddsAtMost(tolerance, tolerance), pass: oddsAtLeast(tolerance, tolerance) },
    difference: { limit: 0, margin: shiftMargin, expectedRate: unknownShare }
  }
}

/** The state before the first block. */
export function noShift({ odds, difference }: ShiftTest): ShiftState {
  const direction = {
    odds: noConditionalEvidence(odds),
    difference: noMarginEvidence(difference)
  }
  return { more: direction, less: direction }
}

/** Adds a closed block, in which predictions of the class are "bad". Once per block, in order of time. */
export function addShiftBlock(state: ShiftState, block: Block, test: ShiftTest): ShiftState {
  if (block.canary.events === 0 || block.primary.events === 0) return state
  const exchanged = { canary: block.primary, primary: block.canary }
  return { more: add(state.more, block, test), less: add(state.less, exchanged, test) }
}

function add(direction: Direction, block: Block, { odds, difference }: ShiftTest): Direction {
  return {
    odds: addConditionalBlock(direction.odds, block, odds),
    difference: addMarginBlock(direction.difference, block, difference)
  }
}

/** Returns the evidence about one class. Each log-wealth is divided by `dispersion`, at least 1. */
export function shiftEvidence(state: ShiftState, test: ShiftTest, dispersion = 1): ShiftEvidence {
  const of = ({ odds, difference }: Direction): Evidence =>
    passByEither(
      conditionalEvidence(odds, test.odds, dispersion),
      marginEvidence(difference, test.difference, dispersion)
    )
  const [more, less] = [of(state.more), of(state.less)]
  return {
    lnEMore: more.lnEFail,
    lnELess: less.lnEFail,
    lnEPass: Math.min(more.lnEPass, less.lnEPass)
  }
}

/**
 * Returns the evidence about all classes: each of the two tests of `K` classes has `1/(2K)` of alpha, and PASS needs
 * every class. Derivation: docs/statistics/shift.md#the-test.
 */
export function shiftOfAll(classes: readonly ShiftEvidence[]): Evidence {
  const strongest = Math.max(...classes.map(strength))
  return {
    lnEFail: strongest - Math.log(2 * classes.length),
    lnEPass: Math.min(...classes.map(({ lnEPass }) => lnEPass))
  }
}

/** The evidence of the direction that has more. */
export function strength({ lnEMore, lnELess }: ShiftEvidence): number {
  return Math.max(lnEMore, lnELess)
}
