import { logSumExp } from './numeric/log-sum-exp.ts'

/** Equal shares of the error budget for `metrics` metrics, at least 1; their sum is 1. */
export function equalShares(metrics: number): readonly number[] {
  return Array.from({ length: metrics }, () => 1 / metrics)
}

/**
 * The natural log of the e-value at which one of several metrics proves a FAIL: `1/(share alpha)`,
 * in [0, Infinity). With shares that sum to 1, a healthy canary fails on any of them in at most
 * alpha of rollouts, whatever their dependence and clocks (three equal metrics at 1 %: 300).
 */
export function failThreshold(alpha: number, share: number): number {
  return -Math.log(alpha * share)
}

/**
 * The natural log of the e-value at which a metric proves a PASS, `1/beta`. Every critical metric must
 * reach it, so no correction is needed (intersection-union).
 */
export function passThreshold(beta: number): number {
  return -Math.log(beta)
}

/**
 * `ln sum_i share_i E_i`: one e-value of several metrics on the same clock of events. Reaches
 * `1/alpha` no later than any metric reaches {@link failThreshold}.
 */
export function averageEvidence(lnEs: readonly number[], shares: readonly number[]): number {
  return logSumExp(lnEs.map((lnE, at) => lnE + Math.log(shares[at] ?? 0)))
}
