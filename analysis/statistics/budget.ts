import { logSumExp } from './numeric/log-sum-exp.ts'

/** Returns equal shares of the error budget for a number of metrics, at least 1. They sum to 1. */
export function equalShares(metrics: number): readonly number[] {
  return Array.from({ length: metrics }, () => 1 / metrics)
}

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

/**
 * Returns the natural logarithm of the weighted mean of several e-values, which is again an e-value
 * (docs/statistics.md#e-processes). It reaches `1/alpha` no later than any of them reaches
 * {@link failThreshold}.
 */
export function averageEvidence(lnEs: readonly number[], shares: readonly number[]): number {
  return logSumExp(lnEs.map((lnE, at) => lnE + Math.log(shares[at] ?? 0)))
}
