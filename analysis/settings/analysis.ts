import type { Objective } from './objective.ts'
import type { PrometheusSettings } from './prometheus-settings.ts'
import type { ReplaySettings } from './replay-settings.ts'

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
