import type { Block } from '../counts.ts'
import { isInformative, logNormaliser } from '../numeric/hypergeometric.ts'
import { logSumExp } from '../numeric/log-sum-exp.ts'
import { oddsMixture } from '../odds-mixture.ts'

/**
 * A null hypothesis on the odds ratio of a bad event, canary to primary, with the alternatives that
 * it is tested against.
 */
export interface OddsHypothesis {
  readonly nullOdds: number
  readonly alternatives: readonly { readonly odds: number; readonly lnWeight: number }[]
}

/** "The odds ratio is at most `nullOdds`"; `design` is the excess, as a factor, not to be missed. */
export function oddsAtMost(nullOdds: number, design?: number): OddsHypothesis {
  const alternatives = oddsMixture(design).map(({ multiplier, lnWeight }) => ({
    odds: nullOdds * multiplier,
    lnWeight
  }))
  return { nullOdds, alternatives }
}

/** "The odds ratio is at least `nullOdds`", against alternatives below it. */
export function oddsAtLeast(nullOdds: number, design?: number): OddsHypothesis {
  const alternatives = oddsMixture(design).map(({ multiplier, lnWeight }) => ({
    odds: nullOdds / multiplier,
    lnWeight
  }))
  return { nullOdds, alternatives }
}

/** The log-wealth of each alternative before any block: all 0. */
export function initialWealth({ alternatives }: OddsHypothesis): readonly number[] {
  return alternatives.map(() => 0)
}

/**
 * `wealth` after one block: `ln W_k += x ln(odds_k/odds_0) - ln Z(odds_k) + ln Z(odds_0)`.
 *
 * Given the block's total of bad events, x of them in the canary follow Fisher's noncentral
 * hypergeometric distribution, whose likelihood ratio is monotone: exact, without any guess of the
 * primary's rate. Drift that both arms share and changing weights cancel, because only events of the
 * same interval are compared. A block without two outcomes changes nothing.
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

/** `ln E = ln sum_k w_k W_k^(1/dispersion)`. `dispersion >= 1` may be chosen from the same data. */
export function lnMixedWealth(
  wealth: readonly number[],
  { alternatives }: OddsHypothesis,
  dispersion = 1
): number {
  return logSumExp(
    alternatives.map(({ lnWeight }, at) => lnWeight + (wealth[at] ?? 0) / dispersion)
  )
}
