import type { OtherPrediction, PredictionUpdate } from '../counter/update.ts'
import type { Outcome } from '../counter/outcome.ts'
import { outcomeOf } from '../event/join.ts'
import { measuresAt } from '../event/stored-measures.ts'
import { mirroredId } from '../event/stored-rows.ts'
import type { ArrivedPrediction, RecentPrediction } from '../store/store.ts'

/** An update of a prediction and when it arrived, in milliseconds since 1970. */
export interface ArrivedUpdate {
  readonly update: PredictionUpdate
  readonly arrivedMs: number
}

/**
 * Returns the updates that stored predictions came in, for an analysis that starts after them: each prediction,
 * and its label and scores if they came later.
 */
export function* updatesOf(recent: Iterable<RecentPrediction>): Iterable<ArrivedUpdate> {
  const all = [...recent]
  const mirrored = new Map(
    all.filter(({ prediction }) => prediction.isMirrored).map(each => [each.key, each])
  )
  for (const arrived of all) {
    const id = mirroredId(arrived.key)
    yield* updatesOfOne(arrived, id === undefined ? undefined : otherOf(mirrored.get(id)))
  }
}

/** A label goes to both arms: it counts when this arm gets it. */
function otherOf(arrived: ArrivedPrediction | undefined): OtherPrediction | undefined {
  const outcome = outcomeOf(arrived?.prediction)
  if (arrived === undefined || outcome === undefined) return undefined
  return { outcome: { ...outcome, label: undefined }, firstMs: arrived.arrivedMs }
}

function updatesOfOne(
  { key, prediction, arrivedMs }: RecentPrediction,
  other: OtherPrediction | undefined
): readonly ArrivedUpdate[] {
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
    const update = {
      key,
      before,
      after,
      firstMs: arrivedMs,
      ...(other === undefined ? {} : { other })
    }
    before = after
    return { update, arrivedMs: atMs }
  })
}
