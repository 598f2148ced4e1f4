import type { RolloutName } from '../event/message.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import { readStored } from '../run/rollouts.ts'
import type { LiveRollout } from '../run/rollouts.ts'
import type { AnalysisRow, HookRow, Occurrence, RunRow, Store, TracePoint } from '../store/store.ts'

/** All that is told of one run of a rollout. */
export interface RunReport {
  readonly name: RolloutName
  readonly run: RunRow
  readonly analyses: readonly AnalysisReport[]
  /** The newest first. */
  readonly hooks: readonly HookRow[]
  /** Of the rollout, the newest first. */
  readonly runs: readonly RunRow[]
  /** Of the rollout, over all runs. */
  readonly occurrences: ReadonlyMap<Occurrence, number>
}

/** What a run was asked to show, and what it showed. */
export interface AnalysisReport {
  readonly analysis: Analysis
  /** The reason with which it failed. */
  readonly failed: string | null
  /** Now; undefined for a run that another has followed. */
  readonly verdict: RunVerdict | undefined
  /** In order of time. */
  readonly points: readonly TracePoint[]
}

const maxHooks = 300
const maxRuns = 20

/** What reports are made from. */
export interface ReportSources {
  readonly store: Pick<Store, 'runs' | 'analyses' | 'trace' | 'hooks' | 'occurrences'>
  readonly read: (settings: ObjectiveSettings) => Analysis
  /** The verdict on an analysis of the newest run. */
  readonly judge: (analysis: AnalysisRow) => RunVerdict | undefined
}

/** The report of one run, the newest where no number is asked for; undefined without such a run. */
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
      if (analysis === undefined) return []
      return [{ analysis, failed: row.failed, verdict: judge(row), points: store.trace(row.id) }]
    }),
    hooks: store.hooks(run.id, maxHooks),
    runs,
    occurrences: store.occurrences(rollout.id)
  }
}
