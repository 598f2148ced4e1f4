import { f1OfBadRatio } from './f1.ts'
import { limitWord } from './metric.ts'
import type { Objective } from './objective.ts'

/**
 * Returns a share of bad events, or a mean between 0 and 1, in the metric's own unit: the value of precision or F1,
 * the mean error. Not for latencies and tokens, whose unit is not that of their share.
 */
export function inOwnUnit(
  { metric, errorCap = 1 }: Pick<Objective, 'metric' | 'errorCap'>,
  badRatio: number
): number {
  switch (metric) {
    case 'f1':
      return f1OfBadRatio(badRatio)
    case 'mae':
      return badRatio * errorCap
    case 'bias':
      return (2 * badRatio - 1) * errorCap
    default:
      return limitWord(metric) === 'max' ? badRatio : 1 - badRatio
  }
}

/** Returns bounds of a share of bad events in the metric's own unit, in order. */
export function boundsInOwnUnit(
  objective: Pick<Objective, 'metric' | 'errorCap'>,
  { low, high }: { readonly low: number; readonly high: number }
): readonly [number, number] {
  const ends = [inOwnUnit(objective, low), inOwnUnit(objective, high)] as const
  return ends[0] <= ends[1] ? ends : [ends[1], ends[0]]
}

/** Returns the margin in the metric's own unit. */
export function marginInOwnUnit(
  objective: Pick<Objective, 'metric' | 'errorCap' | 'margin' | 'reference'>
): number {
  const { reference, margin } = objective
  if (reference.kind === 'primary') return margin
  const limit = inOwnUnit(objective, reference.badRatio)
  return Number(Math.abs(inOwnUnit(objective, reference.badRatio + margin) - limit).toPrecision(10))
}
