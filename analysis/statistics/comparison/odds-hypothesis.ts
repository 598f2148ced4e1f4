import type { Block } from '../counts.ts'
import { isInformative, logNormaliser } from '../numeric/hypergeometric.ts'
import { logSumExp } from '../numeric/log-sum-exp.ts'
import { oddsMixture } from '../odds-mixture.ts'

/**
 * A null hypothesis about the odds ratio of a bad event, canary to primary, with its alternatives.
 */
export interface OddsHypothesis {
  readonly nullOdds: number
  readonly alternatives: readonly { readonly odds: number; readonly lnWeight: number }[]
}

/** Returns the hypothesis "the odds ratio is at most `nullOdds`"; `design` is the factor not to be missed. */
export function oddsAtMost(nullOdds: number, design?: number): OddsHypothesis {
  const alternatives = oddsMixture(design).map(({ multiplier, lnWeight }) => ({
    odds: nullOdds * multiplier,
    lnWeight
  }))
  return { nullOdds, alternatives }
}

/** Returns the hypothesis "the odds ratio is at least `nullOdds`", against smaller ratios. */
export function oddsAtLeast(nullOdds: number, design?: number): OddsHypothesis {
  const alternatives = oddsMixture(design).map(({ multiplier, lnWeight }) => ({
    odds: nullOdds / multiplier,
    lnWeight
  }))
  return { nullOdds, alternatives }
}

/** Returns the log-wealth of each alternative before the first block: 0. */
export function initialWealth({ alternatives }: OddsHypothesis): readonly number[] {
  return alternatives.map(() => 0)
}

/**
 * Returns the log-wealth after one block. Only events of the same block are compared, so the primary's rate
 * and drift that both arms share do not matter. A block with one possible outcome changes nothing.
 * Derivation: docs/statistics/comparison.md#comparison-by-odds.
 */
export function addToWealth(
  wealth: readonly number[],
  { canary, primary }: Block,
  { nullOdds, alternatives }: OddsHypothesis
): readonly number[] {
  const margins = {
    first: canary.events,
    second: primary.events,
    bad: canary.bad + primary.bad
  }
  if (!isInformative(margins)) return wealth
  const base = logNormaliser(margins, nullOdds)
  return alternatives.map(
    ({ odds }, at) =>
      (wealth[at] ?? 0) +
      canary.bad * Math.log(odds / nullOdds) -
      logNormaliser(margins, odds) +
      base
  )
}

/**
 * Returns the natural logarithm of the evidence: the weighted mean of the wealth to the power of
 * `1/dispersion`. A dispersion of at least 1 may come from the same data
 * (docs/statistics/sampling.md#dispersion).
 */
export function lnMixedWealth(
  wealth: readonly number[],
  { alternatives }: OddsHypothesis,
  dispersion = 1
): number {
  return logSumExp(
    alternatives.map(({ lnWeight }, at) => lnWeight + (wealth[at] ?? 0) / dispersion)
  )
}
