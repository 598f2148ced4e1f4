import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { isLatency, needsLabels, quantileOf } from '../settings/metric.ts'
import { cutQuantiles } from '../statistics/latency/cut-mix.ts'
import type { Outcome } from './outcome.ts'

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
  /** Every prediction; bad: it has no label. */
  | { readonly kind: 'labelled' }
  /** Every prediction; bad: an error. */
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
  return kind === 'precision' || kind === 'recall' || kind === 'accuracy' || kind === 'labelled'
}

/** Returns the counters that one objective needs, its own first. */
export function countersOf({ metric, reference }: Objective): readonly Counter[] {
  if (!isLatency(metric)) {
    if (metric === 'error-rate') return [{ kind: 'error' }]
    return [{ kind: metric }]
  }
  if (reference.kind !== 'primary') {
    return [{ kind: 'slower', thresholdMs: reference.thresholdMs ?? Number.NaN }]
  }
  const own = cutIndex(quantileOf[metric])
  const cuts = ([0, 1, 2, 3] as const).map(cut => ({ kind: 'cut', cut }) as const)
  return metric === 'latency.p99' ? cuts : [{ kind: 'cut', cut: own }]
}

function cutIndex(quantile: number): 0 | 1 | 2 | 3 {
  const index = cutQuantiles.findIndex(cut => cut === quantile)
  return index === 1 || index === 2 || index === 3 ? index : 0
}

/** Returns every counter of an analysis once, and that of label coverage if coverage is required. */
export function countersOfAnalysis(analysis: Analysis): readonly Counter[] {
  const counters = analysis.objectives.flatMap(countersOf)
  const isCoverageRequired =
    analysis.source === 'events' &&
    analysis.maturityMs !== 0 &&
    analysis.objectives.some(({ metric }) => needsLabels(metric))
  if (isCoverageRequired) counters.push({ kind: 'labelled' })
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
      return outcome.predicted === undefined ? undefined : outcome.label === undefined
    case 'error':
      return outcome.isError
    case 'slower':
    case 'maybe-slower':
      return isSlower(outcome, counter.thresholdMs, rules.warmUntilMs)
    case 'cut': {
      const { cuts } = rules
      if (cuts === undefined || outcome.timeMs < cuts.fromMs) return undefined
      return isSlower(outcome, cuts.values[counter.cut], rules.warmUntilMs)
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
  return predicted !== label
}

/** Errors and timeouts are slower than anything (docs/statistics.md#latency-against-a-threshold). */
function isSlower(outcome: Outcome, thresholdMs: number, warmUntilMs: number): boolean | undefined {
  const { latencyMs, isError, timeMs } = outcome
  if (timeMs < warmUntilMs) return undefined
  if (isError) return true
  return latencyMs === undefined ? undefined : latencyMs > thresholdMs
}
