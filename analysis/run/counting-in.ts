import type { AnalysisRow, Store } from '../store/store.ts'
import type { AnalysisState } from './analysis-state.ts'

/** What counts of predictions are added to. */
export type CountedChanges = Pick<Store, 'addChange' | 'addClusterChange' | 'putRanked'>

interface Counting {
  readonly row: Pick<AnalysisRow, 'id'>
  readonly state: Pick<AnalysisState, 'add' | 'ranks'>
}

/** Returns changes that count in the store and in the memory of their analyses. */
export function countingIn(store: CountedChanges, analyses: readonly Counting[]): CountedChanges {
  const states = new Map(analyses.map(({ row, state }) => [row.id, state]))
  return {
    addChange: stored => {
      store.addChange(stored)
      states.get(stored.analysis)?.add(stored.counter, stored.change)
    },
    addClusterChange: (analysis, change) => {
      store.addClusterChange(analysis, change)
    },
    putRanked: (analysis, event) => {
      store.putRanked(analysis, event)
      states.get(analysis)?.ranks?.put(event)
    }
  }
}
