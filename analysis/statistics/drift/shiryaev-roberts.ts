import { logSumExp, softplus } from '../numeric/log-sum-exp.ts'

/**
 * An e-detector of change: per alternative `ln(1 + M_k)`, 0 at the start and after each alarm. Plain
 * JSON.
 */
export type ChangeDetector = readonly number[]

/** What a window did to a {@link ChangeDetector}. */
export interface DetectorStep {
  readonly detector: ChangeDetector
  /** `ln sum_k w_k M_k` after the window: the evidence of a change at some window so far. */
  readonly lnM: number
  /** True when it reached `ln c`; the detector has then started again. */
  readonly isAlarm: boolean
}

/** A detector of as many alternatives, before the first window. */
export function newDetector(alternatives: number): ChangeDetector {
  return Array.from({ length: alternatives }, () => 0)
}

/**
 * One window: `M_k = (1 + M_k) L_k`, L_k being the window's e-value for alternative k (as `lnRatios`,
 * with `lnWeights`), alarm when `sum_k w_k M_k >= c` (Shin, Ramdas and Rinaldo 2022, of
 * Shiryaev-Roberts' type). Without a change the mean time to an alarm is at least `windowsToFalseAlarm`
 * (c) windows: 8640 is thirty days of five minutes.
 */
export function addToDetector(
  detector: ChangeDetector,
  lnRatios: readonly number[],
  options: { readonly lnWeights: readonly number[]; readonly windowsToFalseAlarm: number }
): DetectorStep {
  const lnMs = detector.map((lnOneAndM, at) => lnOneAndM + (lnRatios[at] ?? 0))
  const lnM = logSumExp(lnMs.map((value, at) => value + (options.lnWeights[at] ?? 0)))
  const isAlarm = lnM >= Math.log(options.windowsToFalseAlarm)
  return { detector: isAlarm ? newDetector(detector.length) : lnMs.map(softplus), lnM, isAlarm }
}
