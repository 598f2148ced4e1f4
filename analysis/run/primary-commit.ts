import { namesOf } from '../settings/names.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { RunRow } from '../store/store.ts'
import type { RunFacts } from './run-facts.ts'

interface LastRun {
  readonly row: RunRow
  readonly analyses: readonly { readonly state: { readonly analysis: Analysis } }[]
}

/** Returns the commit that the primary has after a run: that of the canary if it was promoted. */
export function primaryOf(last: LastRun | undefined): Pick<RunFacts, 'primaryCommit'> {
  if (last === undefined) return {}
  const { commit } = namesOf(last.analyses.map(({ state }) => state.analysis))
  const primaryCommit = last.row.endedPhase === 'Succeeded' ? commit : last.row.facts.primaryCommit
  return primaryCommit === undefined ? {} : { primaryCommit }
}
