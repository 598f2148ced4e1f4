import type { RunRow } from '../store/store.ts'
import type { RunFacts } from './run-facts.ts'

const keptAttempts = 20

/**
 * Returns the attempts before a run. Two callers with attempts of their own, such as a background AnalysisRun and that
 * of a step, would otherwise start a run with each call, and none would ever have evidence.
 */
export function earlierAttempts(
  last: { readonly row: RunRow } | undefined,
  checksum: string
): Pick<RunFacts, 'earlierAttempts'> {
  if (last?.row.checksum !== checksum) return {}
  const { attempt, earlierAttempts: before = [] } = last.row.facts
  const attempts = attempt === undefined ? before : [...before, attempt].slice(-keptAttempts)
  return attempts.length === 0 ? {} : { earlierAttempts: attempts }
}
