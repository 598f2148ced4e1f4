import { namesOf } from '../settings/names.ts'
import type { LiveRun } from './rollouts.ts'
import type { RunFacts } from './run-facts.ts'

/** Returns the commit that the primary has after a run: that of the canary if it was promoted. */
export function primaryOf(last: LiveRun | undefined): Pick<RunFacts, 'primaryCommit'> {
  if (last === undefined) return {}
  const { commit } = namesOf(last.analyses.map(({ state }) => state.analysis))
  const primaryCommit = last.row.endedPhase === 'Succeeded' ? commit : last.row.facts.primaryCommit
  return primaryCommit === undefined ? {} : { primaryCommit }
}
