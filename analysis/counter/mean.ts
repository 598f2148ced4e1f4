import { scoreName } from '../settings/metric.ts'
import type { Metric } from '../settings/metric.ts'
import type { Outcome } from './outcome.ts'

/** Which values a mean is of, as distances from the best value: 0 is best, 1 is worst. */
export type MeanOf =
  /** The distance of a number from its label, up to the largest error that counts. */
  | 'mae'
  /** How far a number is above its label, from the largest error below to the largest above. */
  | 'bias'
  | `score.${string}`

/** Which way a mean is wrong: bias may be to either side. */
export type Direction = 'above' | 'below'

/** The sum of the values of a mean. */
export interface MeanCounter {
  readonly kind: 'mean'
  readonly of: MeanOf
}

/** Returns which mean an objective is about; undefined for another metric. */
export function meanOf(metric: Metric): MeanOf | undefined {
  if (metric === 'mae' || metric === 'bias') return metric
  const score = scoreName(metric)
  return score === undefined ? undefined : `score.${score}`
}

/** What decides how large an error is. */
export interface ValueRules {
  /** The largest error that counts. */
  readonly errorCap: number | undefined
}

/** Returns a value between 0, the best, and 1. A prediction that is no number is as wrong as can be. */
export function meanValue(
  { of }: { readonly of: MeanOf },
  outcome: Outcome,
  rules: ValueRules
): number | undefined {
  return distanceIn('above', of, outcome, rules)
}

/**
 * Returns how far a value is from the best one in a direction, between 0 and 1. A prediction that is no number is as
 * wrong as can be in either.
 */
export function distanceIn(
  direction: Direction,
  of: MeanOf,
  outcome: Pick<Outcome, 'predicted' | 'label' | 'measures'>,
  { errorCap = 1 }: ValueRules
): number | undefined {
  if (of !== 'mae' && of !== 'bias') {
    const score = scoreOf(outcome, of.slice('score.'.length))
    return score === undefined ? undefined : 1 - score
  }
  const error = errorOf(outcome)
  if (error === undefined) return undefined
  if (Number.isNaN(error)) return 1
  const share = Math.min(1, Math.max(-1, error / errorCap))
  if (of === 'mae') return Math.abs(share)
  return (1 + (direction === 'above' ? share : -share)) / 2
}

/** Returns the score of a name; undefined if there is none. */
export function scoreOf({ measures }: Pick<Outcome, 'measures'>, name: string): number | undefined {
  const { scores = {} } = measures ?? {}
  return Object.hasOwn(scores, name) ? scores[name] : undefined
}

/** Whether an error is larger than the largest that counts; undefined without a number to compare with. */
export function isBeyondCap(outcome: Outcome, { errorCap = 1 }: ValueRules): boolean | undefined {
  const error = errorOf(outcome)
  // A rounding error is none.
  return error === undefined ? undefined : !(Math.abs(error) <= errorCap * (1 + relativeRounding))
}

/** Whether a text is a number. */
export function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}

const relativeRounding = 1e-9

/** NaN if the prediction is no number. A label that is none is a missing one: that is not the model's error. */
function errorOf({ predicted, label }: Pick<Outcome, 'predicted' | 'label'>): number | undefined {
  if (predicted === undefined || label === undefined || !isNumber(label)) return undefined
  return isNumber(predicted) ? Number(predicted) - Number(label) : Number.NaN
}
