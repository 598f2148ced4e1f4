import { baselineLimit } from '../statistics/rate/baseline-limit.ts'
import { divergence } from '../statistics/rate/samples-to-verdict.ts'
import type { Reference } from './objective.ts'
import { baselineMetrics } from './baseline-keys.ts'
import { badRatioOfF1 } from './f1.ts'
import { isLatency, limitWord, quantileOf } from './metric.ts'
import type { Metric } from './metric.ts'
import { durationMs, ratio, wholeNumber } from './value.ts'
import type { Values } from './values.ts'

const dayMs = 86_400_000
const anyRatio = ratio(0, 1)

/** Nats that the mixture costs on top of `ln(1/alpha)` (docs/statistics.md#events-to-a-verdict). */
const natsToFail = 1.5

/**
 * Reads the limit from the baseline: the measured value less the tolerance. A rate that was measured on less
 * than five times the events of a verdict at the margin is replaced by its lower 99 % bound
 * (docs/statistics.md#a-limit-from-a-baseline). Undefined if the baseline does not have the metric.
 */
export function readBaselineLimit(
  metric: Metric,
  values: Values,
  { margin, alpha }: { readonly margin: number; readonly alpha: number }
): Extract<Reference, { kind: 'baseline' }> | undefined {
  const tolerance = values.or('baseline.tolerance', anyRatio, 0)
  const events = values.optional('baseline.events', wholeNumber(1, 1e12))
  const key = `baseline.${metric}`
  if (isLatency(metric)) {
    const thresholdMs = values.optional(key, durationMs(0.001, dayMs))
    if (thresholdMs === undefined) return undefined
    const badRatio = Number((1 - quantileOf(metric) + tolerance).toPrecision(12))
    return { kind: 'baseline', badRatio, thresholdMs }
  }
  if (!baselineMetrics.includes(metric)) return undefined
  const measured = values.optional(key, anyRatio)
  if (measured === undefined) return undefined
  if (metric === 'f1') {
    const badRatio = Math.min(1, badRatioOfF1(Math.max(0, measured - tolerance)))
    return { kind: 'baseline', badRatio }
  }
  const share = limitWord(metric) === 'max' ? measured : 1 - measured
  const agreed = share + tolerance
  const badRatio =
    events === undefined || agreed + margin >= 1
      ? agreed
      : baselineLimit(
          { events, bad: share * events },
          tolerance,
          expectedEvents(agreed, margin, alpha)
        )
  return { kind: 'baseline', badRatio: Number(badRatio.toPrecision(12)) }
}

/** Validates every key of the baseline, including keys that nothing uses. */
export function checkBaseline(values: Values): void {
  for (const metric of baselineMetrics) {
    values.optional(`baseline.${metric}`, isLatency(metric) ? durationMs(0.001, dayMs) : anyRatio)
  }
}

function expectedEvents(limit: number, margin: number, alpha: number): number {
  return (natsToFail - Math.log(alpha)) / divergence(limit + margin, limit)
}
