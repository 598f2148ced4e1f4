import type { Analysis } from '../settings/analysis.ts'
import { byClass } from '../settings/objective.ts'
import {
  betsOf,
  capCounters,
  counterName,
  countersOf,
  labelCounters,
  pairCounters
} from './counter.ts'
import type { Counter } from './counter.ts'

/** Returns every counter of an analysis once, and those of labels if predictions come from events. */
export function countersOfAnalysis(analysis: Analysis): readonly Counter[] {
  const objectives = [...analysis.objectives, ...analysis.guards].flatMap(byClass)
  const counters = objectives.flatMap(countersOf)
  if (analysis.source === 'events') {
    counters.push(...objectives.flatMap(betsOf), ...objectives.flatMap(capCounters))
    for (const objective of objectives) {
      if (objective.reference.kind === 'primary') {
        counters.push(...countersOf(objective).flatMap(counter => pairCounters(counter, analysis)))
      }
      const { all, positive } = labelCounters(objective) ?? {}
      for (const counter of [all, positive]) if (counter !== undefined) counters.push(counter)
    }
  }
  if (analysis.source === 'prometheus') {
    for (const counter of [...counters]) {
      if (counter.kind === 'slower') counters.push({ ...counter, kind: 'maybe-slower' })
    }
  }
  return [...new Map(counters.map(counter => [counterName(counter), counter])).values()]
}
