import type { Metric } from './metric.ts'
import type { PrometheusSettings } from './prometheus-settings.ts'
import type { ReplaySettings } from './replay-settings.ts'

/** What a metric is held against. */
export type Reference =
  /** The greatest share of bad events, in (0, 1), and for a quantile the latency that makes one bad. */
  | { readonly kind: 'limit'; readonly badRatio: number; readonly thresholdMs?: number }
  | { readonly kind: 'primary' }
  /** The limit that the baseline sets, with its tolerance and the bound of a small one. */
  | { readonly kind: 'baseline'; readonly badRatio: number; readonly thresholdMs?: number }

/** One thing that a canary has to show. */
export interface Objective {
  readonly metric: Metric
  readonly reference: Reference
  /** Of the primary, as far as it is known before the run: the baseline's, or the limit. */
  readonly expectedBadRatio: number | undefined
  /** Beyond the limit or the reference, as a share of events: from there on, failing is right. */
  readonly margin: number
  /** A margin that was written down makes a comparison one of differences, not of odds. */
  readonly isMarginGiven: boolean
  /** The run passes only when it is proved. */
  readonly critical: boolean
}

/** What becomes of an objective that is undecided when the time is over. */
export type InconclusivePolicy = 'fail' | 'pass' | 'hold' | 'pass-if-estimate-ok'

/** Where events come from. */
export type SourceName = 'events' | 'prometheus' | 'replay'

/** How one canary is judged, whole and validated. */
export interface Analysis {
  readonly objectives: readonly Objective[]
  /** What is rolled out, for people; undefined where nobody said. */
  readonly model: string | undefined
  readonly commit: string | undefined
  /** The positive class of precision and recall, as text. */
  readonly positive: string
  /** Greatest probability of a rollback of a canary that meets every objective, in (0, 1). */
  readonly alpha: number
  /** Greatest probability of a promotion beyond a margin, in (0, 1). */
  readonly beta: number
  readonly blockMs: number
  /** A label counts at this age of its prediction; undefined: at 5 minutes, or with the prediction. */
  readonly maturityMs: number | undefined
  readonly warmupMs: number
  readonly minEvents: number
  readonly minIntervals: number
  readonly maxAnalysisMs: number
  readonly isDispersionCorrected: boolean
  readonly stepGate: 'not-fail' | 'pass'
  /** Undefined: `fail` for a critical objective, `pass-if-estimate-ok` for another. */
  readonly onInconclusive: InconclusivePolicy | undefined
  readonly onError: 'pass' | 'fail'
  readonly source: SourceName
  /** Of `source: prometheus` only. */
  readonly prometheus: PrometheusSettings | undefined
  /** Of `source: replay` only. */
  readonly replay: ReplaySettings | undefined
}
