import { logGamma } from '../numeric/log-gamma.ts'

/** The weight of the prior, in events. */
const concentration = 100

/**
 * Returns the natural logarithm of the evidence that counts in bins are not drawn with the reference's
 * `shares`, which are positive and sum to 1. Use it only for windows that are not larger than the reference,
 * because a larger one proves the sampling error of the reference.
 * Derivation: docs/statistics/drift.md#distributions (Lindon and Malek 2022).
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

/**
 * As {@link lnMultinomialEvidence}, of a reference that is itself a sample: its counts predict a window with their own
 * sampling error, whatever the sizes of the two.
 */
export function lnSampleEvidence(counts: readonly number[], reference: readonly number[]): number {
  const shares = baselineShares(reference)
  const events = counts.reduce((sum, count) => sum + count, 0)
  const whole = reference.reduce((sum, count) => sum + count + 0.5, 0)
  const lnPredicted = (weight: number) =>
    shares.reduce(
      (sum, share, at) => {
        const prior = weight * share
        return sum + logGamma(prior + (counts[at] ?? 0)) - logGamma(prior)
      },
      logGamma(weight) - logGamma(weight + events)
    )
  return lnPredicted(Math.min(concentration, whole)) - lnPredicted(whole)
}

/** Returns the shares of a reference's bins. Half a count is added to each bin, so that no share is 0. */
export function baselineShares(counts: readonly number[]): readonly number[] {
  const whole = counts.reduce((sum, count) => sum + count + 0.5, 0)
  return counts.map(count => (count + 0.5) / whole)
}
