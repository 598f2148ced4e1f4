import type { RateCounts } from '../counts.ts'

/** The 99 % point of the standard normal distribution. */
const z99 = 2.3263478740408408
const amplyMeasured = 5

/**
 * The limit that a baseline from Git sets on the canary's bad rate: the baseline's own rate plus
 * `tolerance`, as a contract. A baseline of fewer than five times the canary's `expectedEvents` is
 * itself uncertain: its upper one-sided 99 % score bound (Wilson 1927) stands for its rate, and the
 * error is then at most alpha + 1 %. The baseline has at least one event.
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
