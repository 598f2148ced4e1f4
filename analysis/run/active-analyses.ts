import type { AnalysisRow } from '../store/store.ts'
import type { LiveAnalysis, LiveRun } from './rollouts.ts'
import type { RunFacts } from './run-facts.ts'

/**
 * The analyses of a run that judge it: all but those whose ModelAnalysis has changed since. A failure stays, because
 * nobody may undo it by changing the objectives.
 */
export function activeAnalyses({ row, analyses }: LiveRun): readonly LiveAnalysis[] {
  return analyses.filter(live => isActive(row.facts, live.row))
}

/** Whether an analysis judges its run. */
export function isActive(
  { superseded = [] }: RunFacts,
  { digest, failed }: Pick<AnalysisRow, 'digest' | 'failed'>
): boolean {
  return failed !== null || !superseded.includes(digest)
}

/**
 * Returns the facts of a run after a call with some metadata asked for an analysis. The analysis that the same
 * metadata asked for before is superseded: the ModelAnalysis behind it has changed.
 *
 * @param metadata a digest of the metadata
 */
export function askedFor(facts: RunFacts, metadata: string, digest: string): RunFacts {
  const { asked: before = {}, superseded = [] } = facts
  const last = before[metadata]
  if (last === digest) return facts
  const asked = { ...before, [metadata]: digest }
  const isStillAsked = last !== undefined && Object.values(asked).includes(last)
  return {
    ...facts,
    asked,
    superseded: [
      ...superseded.filter(each => each !== digest),
      ...(last === undefined || isStillAsked ? [] : [last])
    ]
  }
}
