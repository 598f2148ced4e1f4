/** Bad-event rates of both arms. */
export interface RatePair {
  readonly canary: number
  readonly primary: number
}

const halvings = 60

/**
 * The pair on the line `canary = primary + difference` that is nearest to `rates` in
 * `n_c KL(canary) + n_p KL(primary)`: the reverse information projection that makes a block's
 * likelihood ratio an e-variable for a convex null (Turner, Ly and Grunwald 2024).
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
