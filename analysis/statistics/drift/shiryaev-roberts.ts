import { logSumExp, softplus } from '../numeric/log-sum-exp.ts'

/**
 * The state of an e-detector: `ln(1 + M_k)` of each alternative, 0 at the start and after each alarm. Plain
 * JSON.
 */
export type ChangeDetector = readonly number[]

/** A {@link ChangeDetector} after a window. */
export interface DetectorStep {
  readonly detector: ChangeDetector
  /** The natural logarithm of the evidence of a change at any window so far. */
  readonly lnM: number
  /** Whether the evidence raised an alarm. The detector then starts again. */
  readonly isAlarm: boolean
}

/** Returns a detector with a number of alternatives, before the first window. */
export function newDetector(alternatives: number): ChangeDetector {
  return Array.from({ length: alternatives }, () => 0)
}

/**
 * Adds one window to a detector of Shiryaev-Roberts' type. `lnRatios` are the logarithms of the window's
 * e-values, one for each alternative. Without a change, the mean time to an alarm is at least
 * `windowsToFalseAlarm` windows; 8640 windows of five minutes are 30 days.
 * Derivation: docs/statistics/drift.md#the-detector (Shin, Ramdas and Rinaldo 2023).
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
