import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { isError, isLatency, latencyName, quantileOf, scoreName } from '../settings/metric.ts'
import { cutQuantiles } from '../statistics/latency/cut-mix.ts'
import { betName, testsOfMean } from './bet.ts'
import type { BetCounter } from './bet.ts'
import { meanOf } from './mean.ts'
import type { MeanCounter } from './mean.ts'

/** Latencies of the primary at {@link cutQuantiles}, frozen before they are used. */
export type Cuts = readonly [number, number, number, number]

/** A counter that waits for labels or scores; the age at which it counts if that is not the analysis' own. */
interface Maturing {
  readonly maturityMs?: number
}

/** A counter about one class; undefined: the positive one. */
interface OfClass extends Maturing {
  readonly positive?: string
}

/** A counter about a latency by its name; undefined: that of the whole request. */
interface OfLatency {
  readonly latency?: string
}

/** Which predictions are counted, and which of them are bad. */
export type Counter =
  /** Predicted positive with a label; bad: the label is not positive. */
  | (OfClass & { readonly kind: 'precision' })
  /** Labelled positive; bad: predicted otherwise. */
  | (OfClass & { readonly kind: 'recall' })
  /** Labelled; bad: predicted otherwise, or too far from it. */
  | (Maturing & { readonly kind: 'accuracy' })
  /** Labelled, predicted or labelled positive; bad: only one of the two. */
  | (Maturing & { readonly kind: 'f1' })
  /** Every prediction with a class; bad: it has no label. */
  | (Maturing & { readonly kind: 'labelled' })
  /** Every prediction with a class; bad: it has no label that is a number. */
  | (Maturing & { readonly kind: 'labelled-number' })
  /** Labelled with a number; bad: the error is larger than the largest that counts. */
  | (Maturing & { readonly kind: 'beyond-cap' })
  /** Predicted positive; bad: it has no label. */
  | (OfClass & { readonly kind: 'labelled-positive' })
  /** Every prediction; bad: it has no score of this name. */
  | (Maturing & { readonly kind: 'scored'; readonly score: string })
  /** Every prediction; bad: it has no label or no score of the positive class. */
  | (Maturing & { readonly kind: 'ranked' })
  /** Every prediction with a value of the mean; the sum of the values is what is bad. */
  | (Maturing & MeanCounter)
  /** The same predictions; the sum of the logarithms of what a bet gains is what is bad. */
  | (Maturing & BetCounter)
  /** Every prediction; bad: an error, or a response that came too late or not at all. */
  | { readonly kind: 'error' }
  /** Every prediction; bad: it has no class. Which one it has is counted by a class book. */
  | { readonly kind: 'classed' }
  /** Every prediction with a latency or an error; bad: slower, or an error. */
  | (OfLatency & { readonly kind: 'slower'; readonly thresholdMs: number })
  /** As `slower`, but bad if it may have been: a histogram's edges need not be at the threshold. */
  | (OfLatency & { readonly kind: 'maybe-slower'; readonly thresholdMs: number })
  /** Every prediction; bad: it has no latency of this name, and is no error. */
  | { readonly kind: 'measured'; readonly latency: string }
  /** As `slower`, by the primary's own latency at a quantile. */
  | { readonly kind: 'cut'; readonly cut: 0 | 1 | 2 | 3 }
  | PairCounter

/**
 * Requests that both arms got, by what another counter says of each arm's prediction; bad: the arm alone was wrong.
 */
export interface PairCounter extends Maturing {
  readonly kind: 'pair'
  readonly of: Extract<Counter, { kind: 'accuracy' | 'recall' | 'error' | 'cut' }>
  /** What it proves: missing labels count for the canary or against it. */
  readonly side: 'fail' | 'pass'
  /** Whether a pair without a label counts, as far as it may. */
  readonly isBounded?: boolean
}

/** Returns the name of a counter in the store. Names must not change. */
export function counterName(counter: Counter): string {
  switch (counter.kind) {
    case 'slower':
    case 'maybe-slower':
      return `${counter.kind}:${counter.thresholdMs}${counter.latency === undefined ? '' : `:${counter.latency}`}`
    case 'measured':
      return `measured:${counter.latency}`
    case 'cut':
      return `cut:${counter.cut}`
    case 'error':
    case 'classed':
      return counter.kind
    case 'pair':
      return `pair:${counter.side}:${counterName(counter.of)}`
    default:
      return `${nameOfWaiting(counter)}${counter.maturityMs === undefined ? '' : `@${counter.maturityMs}`}`
  }
}

type Waiting = Exclude<Extract<Counter, Maturing>, PairCounter>

function nameOfWaiting(counter: Waiting): string {
  switch (counter.kind) {
    case 'precision':
    case 'recall':
    case 'labelled-positive':
      return counter.positive === undefined ? counter.kind : `${counter.kind}:${counter.positive}`
    case 'scored':
      return `scored:${counter.score}`
    case 'mean':
      return `mean:${counter.of}`
    case 'bet':
      return betName(counter)
    default:
      return counter.kind
  }
}

/** Whether a counter needs labels or scores, so that predictions count only at the maturity. */
export function waitsForLabels(counter: Counter): boolean {
  const { kind } = counter
  if (counter.kind === 'pair') return waitsForLabels(counter.of)
  return !['error', 'classed', 'measured', 'slower', 'maybe-slower', 'cut'].includes(kind)
}

const aboutLabels: ReadonlySet<Counter['kind']> = new Set([
  'labelled',
  'labelled-number',
  'labelled-positive',
  'ranked',
  'scored',
  'measured'
])

/** Whether a counter counts predictions that should have a label or score, of which those without are bad. */
export function isAboutLabels({ kind }: Counter): boolean {
  return aboutLabels.has(kind)
}

/** Returns the name of the score that a counter waits for; undefined if it waits for labels, or for nothing. */
export function awaitedScore(counter: Counter): string | undefined {
  if (counter.kind === 'scored') return counter.score
  const isMean = counter.kind === 'mean' || counter.kind === 'bet'
  return isMean && counter.of.startsWith('score.') ? counter.of.slice('score.'.length) : undefined
}

/** Returns the counters that one objective needs, its own last; by class those of its first class. */
export function countersOf(objective: Objective): readonly Counter[] {
  const { metric, reference, isMarginGiven } = objective
  const of = meanOf(metric)
  if (of !== undefined) return [{ kind: 'mean', of, ...maturing(objective) }]
  const latency = latencyName(metric)
  if (!isLatency(metric) && latency === undefined) return [ownCounter(objective)]
  if (reference.kind !== 'primary') {
    const named = latency === undefined ? {} : { latency }
    return [{ kind: 'slower', thresholdMs: reference.thresholdMs ?? Number.NaN, ...named }]
  }
  if (!isLatency(metric)) throw new TypeError(`${metric} is not compared with the primary`)
  const own = cutIndex(quantileOf(metric))
  const cuts = ([0, 1, 2, 3] as const).map(cut => ({ kind: 'cut', cut }) as const)
  return metric === 'latency.p99' && !isMarginGiven ? cuts : [{ kind: 'cut', cut: own }]
}

function ownCounter(objective: Objective): Counter {
  const { metric } = objective
  switch (metric) {
    case 'error-rate':
      return { kind: 'error' }
    case 'prediction-rate':
      return { kind: 'classed' }
    case 'precision':
    case 'recall': {
      const [positive] = objective.classes ?? []
      return {
        kind: metric,
        ...maturing(objective),
        ...(positive === undefined ? {} : { positive })
      }
    }
    case 'accuracy':
    case 'f1':
      return { kind: metric, ...maturing(objective) }
    case 'auc':
      return { kind: 'ranked', ...maturing(objective) }
    default:
      throw new TypeError(`${metric} has no counter`)
  }
}

function maturing({ maturityMs }: Objective): Maturing {
  return maturityMs === undefined ? {} : { maturityMs }
}

/** The counters of predictions with and without a label that an objective needs. */
export interface LabelCounters {
  /** Predictions of which each should have a label, or a score. */
  readonly all: Counter
  /** Defined where only those predicted positive can turn out good: recall and F1. */
  readonly positive: Counter | undefined
  /** Whether those predicted positive can turn out bad too: F1, whose false positives are bad. */
  readonly isEitherBad?: true
}

/**
 * Returns which predictions should have a label: those predicted positive for precision, and all for the others.
 * Undefined for metrics that need none.
 */
export function labelCounters(objective: Objective): LabelCounters | undefined {
  const { metric } = objective
  const wait = maturing(objective)
  const [positive] = objective.classes ?? []
  const predicted: Counter = {
    kind: 'labelled-positive',
    ...wait,
    ...(positive === undefined ? {} : { positive })
  }
  const latency = latencyName(metric)
  if (latency !== undefined) return { all: { kind: 'measured', latency }, positive: undefined }
  const score = scoreName(metric)
  if (score !== undefined) return { all: { kind: 'scored', score, ...wait }, positive: undefined }
  switch (metric) {
    case 'precision':
      return { all: predicted, positive: undefined }
    case 'accuracy':
      return { all: { kind: 'labelled', ...wait }, positive: undefined }
    case 'mae':
    case 'bias':
      return { all: { kind: 'labelled-number', ...wait }, positive: undefined }
    case 'auc':
      return { all: { kind: 'ranked', ...wait }, positive: undefined }
    case 'recall':
      return { all: { kind: 'labelled', ...wait }, positive: predicted }
    case 'f1':
      return { all: { kind: 'labelled', ...wait }, positive: predicted, isEitherBad: true }
    default:
      return undefined
  }
}

/** Returns the counters of the bets on a mean; none for other metrics. */
export function betsOf(objective: Objective): readonly Counter[] {
  return testsOfMean(objective).flatMap(({ bets }) =>
    bets.map(bet => ({ ...bet, ...maturing(objective) }))
  )
}

/** Returns the counter of errors that are cut; none for other metrics. */
export function capCounters(objective: Objective): readonly Counter[] {
  return isError(objective.metric) ? [{ kind: 'beyond-cap', ...maturing(objective) }] : []
}

/**
 * Returns the counters of pairs for a counter of a comparison: two where a missing label leaves open who was wrong.
 * Precision and F1 have none: which predictions they are about depends on the arm.
 */
export function pairCounters(
  counter: Counter,
  { labels }: Pick<Analysis, 'labels'>
): readonly PairCounter[] {
  const { kind } = counter
  if (kind === 'error' || kind === 'cut') return [{ kind: 'pair', side: 'fail', of: counter }]
  if (kind !== 'accuracy' && kind !== 'recall') return []
  const wait = counter.maturityMs === undefined ? {} : { maturityMs: counter.maturityMs }
  const sides = labels === 'all' ? (['fail', 'pass'] as const) : (['fail'] as const)
  return sides.map(side => ({
    kind: 'pair',
    side,
    of: counter,
    isBounded: labels === 'all',
    ...wait
  }))
}

/** The pair counters of one counter, by what they prove. */
export interface PairCounterNames {
  readonly fail: string
  readonly pass: string
}

/** Returns the names of the pair counters of a counter; undefined if it has none. */
export function pairCounterNames(
  counter: Counter,
  analysis: Pick<Analysis, 'labels'>
): PairCounterNames | undefined {
  const [fail, pass = fail] = pairCounters(counter, analysis)
  return fail && pass && { fail: counterName(fail), pass: counterName(pass) }
}

function cutIndex(quantile: number): 0 | 1 | 2 | 3 {
  const index = cutQuantiles.findIndex(cut => cut === quantile)
  return index === 1 || index === 2 || index === 3 ? index : 0
}
