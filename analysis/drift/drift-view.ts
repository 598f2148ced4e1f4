import type { LastWindows } from './last-windows.ts'
import type { PopulationStability } from '../statistics/drift/population-stability.ts'

/** What is watched in production. */
export const driftMetrics = [
  'error-rate',
  'precision',
  'recall',
  'accuracy',
  'predicted',
  'latency'
] as const

/** A rate, compared with its limit, or a distribution, compared with that of the first events. */
export type DriftMetric = (typeof driftMetrics)[number]

/** The drift of one metric of the primary. */
export interface DriftView {
  readonly metric: DriftMetric
  /** The number of evaluated windows; 0 until there are enough events. */
  readonly windows: number
  /** Natural logarithm of the detector's value after the last window; null before the first. */
  readonly lnEvidence: number | null
  /** The value that raises an alarm: without drift, a rollout has one in 30 days at most, in the mean. */
  readonly lnAlarm: number
  readonly alarms: number
  /** Of a rate: the windows of the last hours, which close at the maturity. */
  readonly last?: { readonly windows: LastWindows; readonly maturityMs: number }
  /** Milliseconds since 1970; null without an alarm. */
  readonly lastAlarmMs: number | null
  /** Of the last window of a distribution; null for a rate. */
  readonly stability:
    (PopulationStability & { readonly grade: 'stable' | 'warning' | 'alarm' }) | null
}
