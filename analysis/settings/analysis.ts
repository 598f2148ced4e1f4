import type { Objective } from './objective.ts'
import type { PrometheusSettings } from './prometheus-settings.ts'
import type { ReplaySettings } from './replay-settings.ts'

/** How an objective is settled that is undecided when the run is over. */
export type InconclusivePolicy = 'fail' | 'pass' | 'hold' | 'pass-if-estimate-ok'

/** Where events come from. */
export type SourceName = 'events' | 'prometheus' | 'replay'

/** How far a predicted number may be from its label: a distance, or a share of the label. */
export interface Tolerance {
  readonly value: number
  readonly isShare: boolean
}

/** How a canary is judged: complete, validated settings. */
export interface Analysis {
  readonly objectives: readonly Objective[]
  /** What can fail a run besides its objectives, and is not needed for a PASS. */
  readonly guards: readonly Objective[]
  /** Name of the model, for display; undefined if not given. */
  readonly model: string | undefined
  readonly commit: string | undefined
  /** The model digest. */
  readonly digest: string | undefined
  /** The positive class of precision and recall. */
  readonly positive: string
  /** The output that is the prediction: its name, or its index from 0; undefined: the first. */
  readonly output: string | undefined
  /** The score from which a prediction is the positive class. */
  readonly threshold: number | undefined
  /** The classes of a prediction that is an array of scores, in their order. */
  readonly classes: readonly string[] | undefined
  /** How far a predicted number may be from its label to be right; undefined: predictions are classes. */
  readonly tolerance: Tolerance | undefined
  /** The largest error that counts for mae and bias, in their unit. */
  readonly errorCap: number | undefined
  /** Highest probability of rolling back a canary that meets every objective, in (0, 1). */
  readonly alpha: number
  /** Highest probability of promoting a canary beyond a margin, in (0, 1). */
  readonly beta: number
  readonly blockMs: number
  /** Age of a prediction at which its label counts; undefined: 5 minutes, or 0 if both arrived together. */
  readonly maturityMs: number | undefined
  /** What a prediction without a label means: `all` were to get one, or a `sampled` part of them. */
  readonly labels: 'all' | 'sampled'
  /** How long the response to a logged request may take; then it is an error. */
  readonly responseTimeoutMs: number
  readonly warmupMs: number
  readonly minEvents: number
  readonly minIntervals: number
  readonly maxAnalysisMs: number
  readonly isDispersionCorrected: boolean
  readonly stepGate: 'not-fail' | 'pass'
  /** Undefined: `fail` for a critical objective, otherwise `pass-if-estimate-ok`. */
  readonly onInconclusive: InconclusivePolicy | undefined
  readonly onError: 'pass' | 'fail'
  /** What a proved shift of predictions does; a shift is a difference, and need not be harm. */
  readonly onShift: 'hold' | 'fail'
  readonly source: SourceName
  /** Defined if the source is `prometheus`. */
  readonly prometheus: PrometheusSettings | undefined
  /** Defined if the source is `replay`. */
  readonly replay: ReplaySettings | undefined
}
