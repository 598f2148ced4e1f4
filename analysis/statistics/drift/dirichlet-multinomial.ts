import { logGamma } from '../numeric/log-gamma.ts'

/** How strongly the prior holds to the baseline, in pseudo-counts. */
const concentration = 100

/**
 * `ln E` of counts per bin against "they are drawn with the baseline's `shares`" (positive, sum 1):
 * `ln Gamma(k) - ln Gamma(k+n) + sum [ln Gamma(k p_i + c_i) - ln Gamma(k p_i) - c_i ln p_i]`, k = 100
 * (Lindon and Malek 2022). Of counts so far it is an e-process; of one window, an e-value for a change
 * detector.
 *
 * Only while n is at most the baseline's own size, beyond which the baseline's sampling error alarms;
 * an alarm also needs a stability index above 0.1.
 */
export function lnMultinomialEvidence(
  counts: readonly number[],
  shares: readonly number[]
): number {
  let events = 0
  let lnE = 0
  for (const [at, share] of shares.entries()) {
    const count = counts[at] ?? 0
    events += count
    lnE += logGamma(concentration * share + count) - logGamma(concentration * share)
    lnE -= count * Math.log(share)
  }
  return lnE + logGamma(concentration) - logGamma(concentration + events)
}

/** The shares of a baseline's bins with half a count added to each, so that none is 0. */
export function baselineShares(counts: readonly number[]): readonly number[] {
  const whole = counts.reduce((sum, count) => sum + count + 0.5, 0)
  return counts.map(count => (count + 0.5) / whole)
}
