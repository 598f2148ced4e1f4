import type { PredictionUpdate } from '../counter/changes.ts'
import type { Outcome } from '../counter/outcome.ts'
import { outcomeOf } from '../event/join.ts'
import { measuresAt } from '../event/stored-measures.ts'
import type { ArrivedPrediction } from '../store/store.ts'

/** An update of a prediction and when it arrived, in milliseconds since 1970. */
export interface ArrivedUpdate {
  readonly update: PredictionUpdate
  readonly arrivedMs: number
}

/**
 * Returns the updates that a stored prediction came in, for an analysis that starts after them: the prediction, and
 * its label and scores if they came later.
 */
export function updatesOf({ prediction, arrivedMs }: ArrivedPrediction): readonly ArrivedUpdate[] {
  const whole = outcomeOf(prediction)
  if (whole === undefined) return []
  const { labelMs, measures } = prediction
  const isLabelled = (byMs: number) => labelMs === null || labelMs <= byMs
  const known = (byMs: number): Outcome => {
    const { measures: all, ...rest } = whole
    const found = all && measuresAt(measures, byMs)
    return {
      ...rest,
      label: isLabelled(byMs) ? whole.label : undefined,
      ...(found === undefined ? {} : { measures: found })
    }
  }
  const scoreTimes = Object.values(measures?.scores ?? {}).map(([, atMs]) => atMs)
  const times = new Set([labelMs ?? 0, ...scoreTimes].filter(atMs => atMs > arrivedMs))
  let before: Outcome | undefined
  return [arrivedMs, ...[...times].sort((a, b) => a - b)].map(atMs => {
    const after = known(atMs)
    const update = { before, after, firstMs: arrivedMs }
    before = after
    return { update, arrivedMs: atMs }
  })
}
