import type { RolloutName } from '../event/message.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import { isActive } from '../run/active-analyses.ts'
import { readStored } from '../run/read-stored.ts'
import type { LiveRollout } from '../run/rollouts.ts'
import type { AnalysisRow, HookRow, Occurrence, RunRow, Store, TracePoint } from '../store/store.ts'

/** Everything that the page and the JSON of one run show. */
export interface RunReport {
  readonly name: RolloutName
  readonly run: RunRow
  readonly analyses: readonly AnalysisReport[]
  /** Newest first. */
  readonly hooks: readonly HookRow[]
  /** Of the rollout, newest first. */
  readonly runs: readonly RunRow[]
  /** Of the rollout, over all runs. */
  readonly occurrences: ReadonlyMap<Occurrence, number>
}

/** One analysis of a run and the history of its verdict. */
export interface AnalysisReport {
  readonly analysis: Analysis
  /** The reason if it failed. */
  readonly failed: string | null
  /** The present verdict; undefined if the run is not the newest. */
  readonly verdict: RunVerdict | undefined
  /** Oldest first. */
  readonly points: readonly TracePoint[]
}

const maxHooks = 300
const maxRuns = 20

/** Where {@link reportOf} reads. */
export interface ReportSources {
  readonly store: Pick<Store, 'runs' | 'analyses' | 'trace' | 'hooks' | 'occurrences'>
  readonly read: (settings: ObjectiveSettings) => Analysis
  /** Returns the verdict on an analysis of the newest run. */
  readonly judge: (analysis: AnalysisRow) => RunVerdict | undefined
}

/** Returns the report of a run, by default the newest; undefined if the run does not exist. */
export function reportOf(
  { row: rollout }: LiveRollout,
  wanted: number | undefined,
  { store, read, judge }: ReportSources
): RunReport | undefined {
  const runs = store.runs(rollout.id, maxRuns)
  const run = wanted === undefined ? runs[0] : runs.find(({ number }) => number === wanted)
  if (run === undefined) return undefined
  const { namespace, name } = rollout
  return {
    name: { namespace, name },
    run,
    analyses: store.analyses(run.id).flatMap(row => {
      const analysis = readStored(read, row)
      if (analysis === undefined || !isActive(run.facts, row)) return []
      return [{ analysis, failed: row.failed, verdict: judge(row), points: store.trace(row.id) }]
    }),
    hooks: store.hooks(run.id, maxHooks),
    runs,
    occurrences: store.occurrences(rollout.id)
  }
}
