import { changesOf } from '../counter/changes.ts'
import type { ReadyCounter } from '../counter/update.ts'
import { rankedEvent } from '../counter/ranked-event.ts'
import { classifiedUpdate, withScores } from '../counter/raw-prediction.ts'
import type { AnalysisRow, RunRow } from '../store/store.ts'
import type { AnalysisState } from './analysis-state.ts'
import type { CountedChanges } from './counting-in.ts'
import { rulesOf } from './counting-rules.ts'
import type { ArrivedUpdate } from './recount.ts'

/**
 * Counts new knowledge about a prediction for one analysis in `changes` (see `countingIn`).
 *
 * @returns whether a part of it was too late for its block
 */
export function countUpdate(
  run: { readonly row: RunRow },
  live: { readonly row: Pick<AnalysisRow, 'id'>; readonly state: AnalysisState },
  {
    update,
    arrivedMs,
    changes,
    counters = live.state.counters
  }: ArrivedUpdate & {
    readonly changes: CountedChanges
    /** All by default. */
    readonly counters?: readonly ReadyCounter[]
  }
): boolean {
  const { analysis, vocabularies, ranks } = live.state
  const scored = ranks === undefined ? update : withScores(update, analysis)
  const known = classifiedUpdate(scored, analysis)
  vocabularies?.learn(known.before, known.after, analysis.positive)
  const at = {
    rules: rulesOf(run, analysis),
    nowMs: arrivedMs,
    isMaturityGiven: analysis.maturityMs !== undefined
  }
  const isFirst = live.state.isFirstOfCluster(known.after)
  let isLate = false
  for (const ready of counters) {
    const counted = changesOf(ready, known, at)
    if (counted.isLate) isLate = true
    for (const change of counted.changes) {
      changes.addChange({ analysis: live.row.id, counter: ready.name, change })
      for (const each of live.state.clusterChanges(ready, known.after, change)) {
        changes.addClusterChange(live.row.id, each)
        live.state.clusters.add(each)
      }
      const ofClass = isFirst && live.state.classChange(ready, known.after, change)
      if (ofClass) changes.addChange({ analysis: live.row.id, ...ofClass })
    }
    if (ready.counter.kind !== 'ranked') continue
    const { positive } = analysis
    const event = rankedEvent(ready, known, { run: run.row.number, positive, nowMs: arrivedMs })
    if (event !== undefined) changes.putRanked(live.row.id, event)
  }
  return isLate
}
