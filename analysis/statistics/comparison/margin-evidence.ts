import { addCounts, noCounts } from '../counts.ts'
import type { Block, RateCounts } from '../counts.ts'
import type { Evidence } from '../evidence.ts'
import { logSumExp } from '../numeric/log-sum-exp.ts'
import { oddsMixture } from '../odds-mixture.ts'
import type { WeightedOdds } from '../odds-mixture.ts'
import { oddsRatio, scaleOdds } from '../odds.ts'
import { projectOnMargin } from './margin-projection.ts'
import type { RatePair } from './margin-projection.ts'

/** What "not worse than the primary" means, as differences of bad-event rates, canary minus primary. */
export interface RateDifference {
  /** FAIL proves a difference above this; in [0, 1). */
  readonly limit: number
  /** PASS proves a difference below `limit + margin`, which is below 1. */
  readonly margin: number
  /**
   * The primary's bad-event rate as expected before the first block: from Git, or the limit of the metric.
   * Any value is valid; a good one proves a verdict sooner.
   */
  readonly expectedRate: number
}

/** The state of a comparison by a margin: log-wealth of each alternative, counts of the primary. Plain JSON. */
export interface MarginEvidence {
  readonly fail: readonly number[]
  readonly pass: readonly number[]
  readonly primary: RateCounts
}

/** The weight of the expected rate, in events. */
const pseudoCounts = 50
const smallestRate = 1e-9

/** The state before the first block. */
export function noMarginEvidence(difference: RateDifference): MarginEvidence {
  const wealth = mixtureOf(difference).map(() => 0)
  return { fail: wealth, pass: wealth, primary: noCounts }
}

/**
 * Adds a closed block. Blocks must be added once and in order of time, because the alternatives of a block
 * come from the earlier ones. Derivation: docs/statistics/comparison.md#comparison-by-a-margin.
 */
export function addMarginBlock(
  evidence: MarginEvidence,
  block: Block,
  difference: RateDifference
): MarginEvidence {
  if (block.canary.events === 0 || block.primary.events === 0) return evidence
  const { limit, margin } = difference
  const beyond = limit + margin
  const primary = primaryRate(evidence.primary, difference)
  const wealth = (
    before: readonly number[],
    border: number,
    side: (multiplier: number) => number
  ) =>
    mixtureOf(difference).map(({ multiplier }, at) => {
      const canary = scaleOdds(side(multiplier), primary + border)
      return (before[at] ?? 0) + lnBlockRatio(block, { canary, primary }, border)
    })
  return {
    fail: wealth(evidence.fail, limit, multiplier => multiplier),
    pass: wealth(evidence.pass, beyond, multiplier => 1 / multiplier),
    primary: addCounts(evidence.primary, block.primary)
  }
}

/** Returns the evidence of the blocks so far. Each log-wealth is divided by `dispersion`, at least 1. */
export function marginEvidence(
  { fail, pass }: MarginEvidence,
  difference: RateDifference,
  dispersion = 1
): Evidence {
  const mixture = mixtureOf(difference)
  const mixed = (wealth: readonly number[]) =>
    logSumExp(mixture.map(({ lnWeight }, at) => lnWeight + (wealth[at] ?? 0) / dispersion))
  return { lnEFail: mixed(fail), lnEPass: mixed(pass) }
}

/** The design effect is the margin at the expected rate. Without a margin the grid has all the weight. */
function mixtureOf(difference: RateDifference): readonly WeightedOdds[] {
  const rate = primaryRate(noCounts, difference) + difference.limit
  return oddsMixture(oddsRatio(rate + difference.margin, rate))
}

function primaryRate({ events, bad }: RateCounts, difference: RateDifference): number {
  const rate = (bad + pseudoCounts * difference.expectedRate) / (events + pseudoCounts)
  const highest = 1 - difference.limit - difference.margin - smallestRate
  return Math.min(highest, Math.max(smallestRate, rate))
}

function lnBlockRatio({ canary, primary }: Block, rates: RatePair, border: number): number {
  const events = { canary: canary.events, primary: primary.events }
  const nearest = projectOnMargin(rates, border, events)
  return (
    lnArmRatio(canary, rates.canary, nearest.canary) +
    lnArmRatio(primary, rates.primary, nearest.primary)
  )
}

function lnArmRatio({ events, bad }: RateCounts, rate: number, base: number): number {
  return bad * Math.log(rate / base) + (events - bad) * (Math.log1p(-rate) - Math.log1p(-base))
}
