import type { RateCounts } from '../counts.ts'

/** The 99 % quantile of the standard normal distribution. */
const z99 = 2.3263478740408408
const amplyMeasured = 5

/**
 * Returns the limit that a baseline from Git sets on the canary's bad-event rate: the baseline's rate plus
 * `tolerance`. A baseline with fewer than five times the canary's `expectedEvents` is uncertain, so its
 * upper 99 % bound replaces its rate. The baseline must have at least one event.
 * Derivation: docs/statistics/rates.md#a-limit-from-a-baseline (Wilson 1927).
 */
export function baselineLimit(
  baseline: RateCounts,
  tolerance: number,
  expectedEvents: number
): number {
  const isAmple = baseline.events >= amplyMeasured * expectedEvents
  return (isAmple ? baseline.bad / baseline.events : upperBound(baseline)) + tolerance
}

function upperBound({ events, bad }: RateCounts): number {
  const share = bad / events
  const square = z99 * z99
  const spread = z99 * Math.sqrt((share * (1 - share)) / events + square / (4 * events * events))
  return Math.min(1, (share + square / (2 * events) + spread) / (1 + square / events))
}
