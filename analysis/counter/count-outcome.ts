import type { Tolerance } from '../settings/analysis.ts'
import type { Counter, Cuts, PairCounter } from './counter.ts'
import { lnGain } from './bet.ts'
import type { BetCounter } from './bet.ts'
import { isBeyondCap, isNumber, meanValue, scoreOf } from './mean.ts'
import type { MeanCounter } from './mean.ts'
import { latencyOf } from './named-latency.ts'
import type { Outcome } from './outcome.ts'
import { isRight } from './predicted-class.ts'

/** What decides, besides the prediction itself, whether it is bad. */
export interface CountingRules {
  readonly positive: string
  /** How near a number has to be to its label; undefined: predictions are classes. */
  readonly tolerance: Tolerance | undefined
  /** The largest error that counts. */
  readonly errorCap: number | undefined
  /** How long the response to a logged request may take. */
  readonly responseTimeoutMs: number
  /** Latencies before it do not count, in milliseconds since 1970. */
  readonly warmUntilMs: number
  /** Undefined until the primary's latency is known. */
  readonly cuts: { readonly values: Cuts; readonly fromMs: number } | undefined
}

/** Returns what a counter adds up for a prediction: whether it is bad, or a number; undefined if it does not count it. */
export function contributionOf(
  counter: Counter,
  outcome: Outcome,
  rules: CountingRules
): number | undefined {
  switch (counter.kind) {
    case 'mean':
      return meanValue(counter, outcome, rules)
    case 'bet':
      return lnGain(counter, outcome, rules)
    case 'pair':
      return undefined
    case 'error':
    case 'classed':
    case 'measured':
    case 'slower':
    case 'maybe-slower':
    case 'cut':
      return asNumber(isSlowOrFailed(counter, outcome, rules))
    default:
      return asNumber(isWrongOrUnlabelled(counter, outcome, rules))
  }
}

function asNumber(isBad: boolean | undefined): number | undefined {
  return isBad === undefined ? undefined : Number(isBad)
}

type TimeKind = 'error' | 'classed' | 'measured' | 'slower' | 'maybe-slower' | 'cut'
type TimeCounter = Extract<Counter, { kind: TimeKind }>
type LabelCounter = Exclude<Counter, TimeCounter | MeanCounter | BetCounter | PairCounter>

function isWrongOrUnlabelled(
  counter: LabelCounter,
  outcome: Outcome,
  rules: CountingRules
): boolean | undefined {
  switch (counter.kind) {
    case 'precision':
    case 'recall':
      return isWrongClass(counter.kind, outcome, classOf(counter, rules))
    case 'f1':
      return isWrongClass('f1', outcome, rules.positive)
    case 'accuracy':
      return isWrong(outcome, rules)
    case 'beyond-cap':
      return isBeyondCap(outcome, rules)
    case 'labelled':
    case 'labelled-number':
    case 'labelled-positive':
    case 'ranked':
    case 'scored':
      return isUnlabelled(counter, outcome, rules)
  }
}

type MissingCounter = Extract<
  Counter,
  { kind: 'labelled' | 'labelled-number' | 'labelled-positive' | 'ranked' | 'scored' }
>

function isUnlabelled(
  counter: MissingCounter,
  outcome: Outcome,
  rules: CountingRules
): boolean | undefined {
  const { predicted, label, isError } = outcome
  switch (counter.kind) {
    case 'scored':
      return isError ? undefined : scoreOf(outcome, counter.score) === undefined
    case 'ranked':
      return isError ? undefined : !isRanked(outcome)
    case 'labelled':
      return predicted === undefined ? undefined : label === undefined
    case 'labelled-number':
      return predicted === undefined ? undefined : !isNumber(label ?? '')
    case 'labelled-positive':
      return predicted === classOf(counter, rules) ? label === undefined : undefined
  }
}

function isRanked({ label, measures }: Outcome): boolean {
  return label !== undefined && measures?.score !== undefined
}

function isSlowOrFailed(
  counter: TimeCounter,
  outcome: Outcome,
  rules: CountingRules
): boolean | undefined {
  switch (counter.kind) {
    case 'error':
      return isFailed(outcome, rules)
    case 'classed':
      return outcome.predicted === undefined || isFailed(outcome, rules)
    case 'slower':
    case 'maybe-slower':
      return isSlower(outcome, counter, rules)
    case 'measured':
      return outcome.timeMs < rules.warmUntilMs
        ? undefined
        : !isFailed(outcome, rules) && latencyOf(outcome, counter.latency) === undefined
    case 'cut': {
      const { cuts } = rules
      if (cuts === undefined || outcome.timeMs < cuts.fromMs) return undefined
      return isSlower(outcome, { thresholdMs: cuts.values[counter.cut] }, rules)
    }
  }
}

function classOf(counter: { readonly positive?: string }, { positive }: CountingRules): string {
  return counter.positive ?? positive
}

function isWrongClass(
  kind: 'precision' | 'recall' | 'f1',
  { predicted, label }: Outcome,
  positive: string
): boolean | undefined {
  if (predicted === undefined || label === undefined) return undefined
  const [isPredicted, isLabelled] = [predicted === positive, label === positive]
  const isRelevant = { precision: isPredicted, recall: isLabelled, f1: isPredicted || isLabelled }
  return isRelevant[kind] ? isPredicted !== isLabelled : undefined
}

function isWrong(
  { predicted, label }: Outcome,
  { positive, tolerance }: CountingRules
): boolean | undefined {
  if (predicted === undefined || label === undefined) return undefined
  if (tolerance === undefined) return !isRight(predicted, label, positive)
  const distance = Math.abs(Number(predicted) - Number(label))
  const allowed = tolerance.isShare ? tolerance.value * Math.abs(Number(label)) : tolerance.value
  // A value that is no number is not near to anything.
  return !(distance <= allowed * (1 + relativeRounding))
}

/** 0.3 - 0.2 is more than 0.1 in floating point. */
const relativeRounding = 1e-9

/** Whether a response is an error, or came too late by the clock of the logger. */
export function isFailed(
  { isError, isLogged, latencyMs }: Outcome,
  { responseTimeoutMs }: CountingRules
): boolean {
  return isError || (isLogged && latencyMs !== undefined && latencyMs > responseTimeoutMs)
}

/** Errors and timeouts are slower than anything (docs/statistics.md#latency-against-a-threshold). */
function isSlower(
  outcome: Outcome,
  { latency, thresholdMs }: { readonly latency?: string; readonly thresholdMs: number },
  rules: CountingRules
): boolean | undefined {
  if (outcome.timeMs < rules.warmUntilMs) return undefined
  if (isFailed(outcome, rules)) return true
  const latencyMs = latencyOf(outcome, latency)
  return latencyMs === undefined ? undefined : latencyMs > thresholdMs
}
