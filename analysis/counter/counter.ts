import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { isLatency, quantileOf } from '../settings/metric.ts'
import { cutQuantiles } from '../statistics/latency/cut-mix.ts'
import type { Outcome } from './outcome.ts'
import { isRight } from './predicted-class.ts'

/** Latencies of the primary at {@link cutQuantiles}, frozen before they are used. */
export type Cuts = readonly [number, number, number, number]

/** Which predictions are counted, and which of them are bad. */
export type Counter =
  /** Predicted positive with a label; bad: the label is not positive. */
  | { readonly kind: 'precision' }
  /** Labelled positive; bad: predicted otherwise. */
  | { readonly kind: 'recall' }
  /** Labelled; bad: predicted otherwise. */
  | { readonly kind: 'accuracy' }
  /** Every prediction with a class; bad: it has no label. */
  | { readonly kind: 'labelled' }
  /** Predicted positive; bad: it has no label. */
  | { readonly kind: 'labelled-positive' }
  /** Every prediction; bad: an error, or a response that came too late or not at all. */
  | { readonly kind: 'error' }
  /** Every prediction with a latency or an error; bad: slower, or an error. */
  | { readonly kind: 'slower'; readonly thresholdMs: number }
  /** As `slower`, but bad if it may have been: a histogram's edges need not be at the threshold. */
  | { readonly kind: 'maybe-slower'; readonly thresholdMs: number }
  /** As `slower`, by the primary's own latency at a quantile. */
  | { readonly kind: 'cut'; readonly cut: 0 | 1 | 2 | 3 }

/** What decides, besides the prediction itself, whether it is bad. */
export interface CountingRules {
  readonly positive: string
  /** How long the response to a logged request may take. */
  readonly responseTimeoutMs: number
  /** Latencies before it do not count, in milliseconds since 1970. */
  readonly warmUntilMs: number
  /** Undefined until the primary's latency is known. */
  readonly cuts: { readonly values: Cuts; readonly fromMs: number } | undefined
}

/** Returns the name of a counter in the store. Names must not change. */
export function counterName(counter: Counter): string {
  switch (counter.kind) {
    case 'slower':
    case 'maybe-slower':
      return `${counter.kind}:${counter.thresholdMs}`
    case 'cut':
      return `cut:${counter.cut}`
    default:
      return counter.kind
  }
}

/** Whether a counter needs labels, so that predictions count only at the maturity. */
export function waitsForLabels({ kind }: Counter): boolean {
  return ['precision', 'recall', 'accuracy', 'labelled', 'labelled-positive'].includes(kind)
}

/** Returns the counters that one objective needs, its own first. */
export function countersOf({ metric, reference, isMarginGiven }: Objective): readonly Counter[] {
  if (!isLatency(metric)) {
    if (metric === 'error-rate') return [{ kind: 'error' }]
    return [{ kind: metric }]
  }
  if (reference.kind !== 'primary') {
    return [{ kind: 'slower', thresholdMs: reference.thresholdMs ?? Number.NaN }]
  }
  const own = cutIndex(quantileOf[metric])
  const cuts = ([0, 1, 2, 3] as const).map(cut => ({ kind: 'cut', cut }) as const)
  return metric === 'latency.p99' && !isMarginGiven ? cuts : [{ kind: 'cut', cut: own }]
}

/** The counters of predictions with and without a label that an objective needs. */
export interface LabelCounters {
  /** Predictions of which each should have a label. */
  readonly all: 'labelled' | 'labelled-positive'
  /** Defined where only those predicted positive can turn out good: recall. */
  readonly positive: 'labelled-positive' | undefined
}

/**
 * Returns which predictions should have a label: those predicted positive for precision, and all for accuracy
 * and recall. Undefined for other metrics.
 */
export function labelCounters({ metric }: Pick<Objective, 'metric'>): LabelCounters | undefined {
  switch (metric) {
    case 'precision':
      return { all: 'labelled-positive', positive: undefined }
    case 'accuracy':
      return { all: 'labelled', positive: undefined }
    case 'recall':
      return { all: 'labelled', positive: 'labelled-positive' }
    default:
      return undefined
  }
}

function cutIndex(quantile: number): 0 | 1 | 2 | 3 {
  const index = cutQuantiles.findIndex(cut => cut === quantile)
  return index === 1 || index === 2 || index === 3 ? index : 0
}

/** Returns every counter of an analysis once, and those of labels if predictions come from events. */
export function countersOfAnalysis(analysis: Analysis): readonly Counter[] {
  const counters = [...analysis.objectives, ...analysis.guards].flatMap(countersOf)
  if (analysis.source === 'events') {
    for (const objective of analysis.objectives) {
      const { all, positive } = labelCounters(objective) ?? {}
      for (const kind of [all, positive]) if (kind !== undefined) counters.push({ kind })
    }
  }
  if (analysis.source === 'prometheus') {
    for (const counter of [...counters]) {
      if (counter.kind === 'slower') counters.push({ ...counter, kind: 'maybe-slower' })
    }
  }
  return [...new Map(counters.map(counter => [counterName(counter), counter])).values()]
}

/** Whether a counter counts a prediction as bad; undefined if it does not count it. */
export function isBad(
  counter: Counter,
  outcome: Outcome,
  rules: CountingRules
): boolean | undefined {
  switch (counter.kind) {
    case 'precision':
    case 'recall':
    case 'accuracy':
      return isWrong(counter.kind, outcome, rules.positive)
    case 'labelled':
    case 'labelled-positive':
      return isUnlabelled(counter.kind, outcome, rules.positive)
    case 'error':
      return isFailed(outcome, rules)
    case 'slower':
    case 'maybe-slower':
      return isSlower(outcome, counter.thresholdMs, rules)
    case 'cut': {
      const { cuts } = rules
      if (cuts === undefined || outcome.timeMs < cuts.fromMs) return undefined
      return isSlower(outcome, cuts.values[counter.cut], rules)
    }
  }
}

function isWrong(
  kind: 'precision' | 'recall' | 'accuracy',
  { predicted, label }: Outcome,
  positive: string
): boolean | undefined {
  if (predicted === undefined || label === undefined) return undefined
  if (kind === 'precision' && predicted !== positive) return undefined
  if (kind === 'recall' && label !== positive) return undefined
  return !isRight(predicted, label, positive)
}

function isUnlabelled(
  kind: 'labelled' | 'labelled-positive',
  { predicted, label }: Outcome,
  positive: string
): boolean | undefined {
  if (predicted === undefined) return undefined
  if (kind === 'labelled-positive' && predicted !== positive) return undefined
  return label === undefined
}

function isFailed(
  { isError, isLogged, latencyMs }: Outcome,
  { responseTimeoutMs }: CountingRules
): boolean {
  return isError || (isLogged && latencyMs !== undefined && latencyMs > responseTimeoutMs)
}

/** Errors and timeouts are slower than anything (docs/statistics.md#latency-against-a-threshold). */
function isSlower(
  outcome: Outcome,
  thresholdMs: number,
  rules: CountingRules
): boolean | undefined {
  const { latencyMs, timeMs } = outcome
  if (timeMs < rules.warmUntilMs) return undefined
  if (isFailed(outcome, rules)) return true
  return latencyMs === undefined ? undefined : latencyMs > thresholdMs
}
