import type { PopulationStability } from '../statistics/drift/population-stability.ts'

/** What a model in production is watched for. */
export const driftMetrics = [
  'error-rate',
  'precision',
  'recall',
  'accuracy',
  'predicted',
  'latency'
] as const

/** One of {@link driftMetrics}: a rate against its limit, or a distribution against the first one seen. */
export type DriftMetric = (typeof driftMetrics)[number]

/** How far one metric of the primary has drifted. */
export interface DriftView {
  readonly metric: DriftMetric
  /** Windows that were looked at; 0 before there was enough to look at. */
  readonly windows: number
  /** Natural log of the detector's value after the last window; null before it. */
  readonly lnEvidence: number | null
  /** Where it is an alarm. Without a drift the mean time between alarms is at least 30 days of windows. */
  readonly lnAlarm: number
  readonly alarms: number
  /** Milliseconds since 1970; null without an alarm. */
  readonly lastAlarmMs: number | null
  /** Of the last window of a distribution; null for a rate. */
  readonly stability:
    (PopulationStability & { readonly grade: 'stable' | 'warning' | 'alarm' }) | null
}
