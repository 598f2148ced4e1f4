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

interface ValueRules {
  /** The largest error that counts. */
  readonly errorCap: number | undefined
}

/** Returns a value between 0, the best, and 1. What is no number is as wrong as can be. */
export function meanValue(
  { of }: MeanCounter,
  outcome: Outcome,
  { errorCap = 1 }: ValueRules
): number | undefined {
  if (of !== 'mae' && of !== 'bias') {
    const score = outcome.measures?.scores?.[of.slice('score.'.length)]
    return score === undefined ? undefined : 1 - score
  }
  const { predicted, label } = outcome
  if (predicted === undefined || label === undefined) return undefined
  const error = (Number(predicted) - Number(label)) / errorCap
  return Number.isNaN(error) ? 1 : ofError(of, error)
}

/** @param error in units of the largest that counts */
function ofError(of: 'mae' | 'bias', error: number): number {
  if (of === 'mae') return Math.min(1, Math.abs(error))
  return (1 + Math.min(1, Math.max(-1, error))) / 2
}
