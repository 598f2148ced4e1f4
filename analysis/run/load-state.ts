import type { Analysis } from '../settings/analysis.ts'
import { readCountedSource } from '../source/progress.ts'
import type { AnalysisRow, RunRow, Store } from '../store/store.ts'
import { AnalysisState } from './analysis-state.ts'
import { noFacts } from './run-facts.ts'

/** Reads what was counted for an analysis of a run. Its blocks are open. */
export function loadState(
  store: Pick<Store, 'changes' | 'clusterChanges' | 'ranked'>,
  { facts }: RunRow,
  { row, analysis }: { readonly row: AnalysisRow; readonly analysis: Analysis }
): AnalysisState {
  const { source } = analysis
  const state = new AnalysisState(analysis, source === 'events' ? facts.history : noFacts.history)
  for (const change of store.clusterChanges(row.id)) state.clusters.add(change)
  if (state.ranks !== undefined) {
    for (const event of store.ranked(row.id)) state.ranks.put(event)
  }
  for (const { counter, change } of store.changes(row.id)) state.add(counter, change)
  if (row.sourceState === null) return state
  if (source === 'prometheus') state.setSource(readCountedSource(row.sourceState))
  state.vocabularies?.load(row.sourceState)
  return state
}
