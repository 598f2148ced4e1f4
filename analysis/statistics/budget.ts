/**
 * Returns the natural logarithm of the evidence at which one of several objectives proves a FAIL:
 * `1/(share alpha)`. If the shares sum to 1, a healthy canary fails in at most `alpha` of its runs, whatever
 * the dependence of the objectives. Derivation: docs/statistics.md#the-budget-over-objectives.
 */
export function failThreshold(alpha: number, share: number): number {
  return -Math.log(alpha * share)
}

/**
 * Returns the natural logarithm of the evidence at which an objective proves a PASS: `1/beta`. Every critical
 * objective must reach it, so no correction is needed: docs/statistics.md#the-budget-over-objectives.
 */
export function passThreshold(beta: number): number {
  return -Math.log(beta)
}
