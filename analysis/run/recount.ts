import type { PredictionUpdate } from '../counter/changes.ts'
import { outcomeOf } from '../event/join.ts'
import type { ArrivedPrediction } from '../store/store.ts'

/** An update of a prediction and when it arrived, in milliseconds since 1970. */
export interface ArrivedUpdate {
  readonly update: PredictionUpdate
  readonly arrivedMs: number
}

/**
 * Returns the updates that a stored prediction came in, for an analysis that starts after them: the prediction,
 * and its label if it came later.
 */
export function updatesOf({ prediction, arrivedMs }: ArrivedPrediction): readonly ArrivedUpdate[] {
  const after = outcomeOf(prediction)
  if (after === undefined) return []
  const { labelMs } = prediction
  const first = (outcome: typeof after): ArrivedUpdate => ({
    update: { before: undefined, after: outcome, firstMs: arrivedMs },
    arrivedMs
  })
  if (labelMs === null || labelMs <= arrivedMs) return [first(after)]
  const before = { ...after, label: undefined }
  return [first(before), { update: { before, after, firstMs: arrivedMs }, arrivedMs: labelMs }]
}
