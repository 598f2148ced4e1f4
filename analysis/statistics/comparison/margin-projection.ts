/** Bad-event rates of both arms. */
export interface RatePair {
  readonly canary: number
  readonly primary: number
}

const halvings = 60

/**
 * Returns the pair of rates with `canary = primary + difference` that is nearest to `rates` by the divergence
 * `n_c KL(canary) + n_p KL(primary)`. With it, the likelihood ratio of a block is an e-value (Turner, Ly
 * and Grünwald 2024). Derivation: docs/statistics/comparison.md#comparison-by-a-margin.
 *
 * @param rates both in (0, 1)
 * @param difference in (-1, 1)
 * @param events of each arm, not both 0
 */
export function projectOnMargin(rates: RatePair, difference: number, events: RatePair): RatePair {
  if (difference === 0) {
    const pooled =
      (events.canary * rates.canary + events.primary * rates.primary) /
      (events.canary + events.primary)
    return { canary: pooled, primary: pooled }
  }
  let low = Math.max(0, -difference)
  let high = Math.min(1, 1 - difference)
  for (let step = 0; step < halvings; step++) {
    const primary = (low + high) / 2
    const canary = primary + difference
    const slope =
      (events.canary * (canary - rates.canary)) / (canary * (1 - canary)) +
      (events.primary * (primary - rates.primary)) / (primary * (1 - primary))
    if (slope < 0) low = primary
    else high = primary
  }
  const primary = (low + high) / 2
  return { canary: primary + difference, primary }
}
