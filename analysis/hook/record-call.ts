import { blockStart } from '../counter/grid.ts'
import type { RolloutName } from '../event/message.ts'
import { tracedObjective } from '../judge/traced-objective.ts'
import { worstVerdict } from '../judge/verdict.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import { activeAnalyses } from '../run/active-analyses.ts'
import type { LiveAnalysis, LiveRun, Rollouts } from '../run/rollouts.ts'
import type { Store } from '../store/store.ts'
import type { HookAnswer } from './answer.ts'
import { newestRun } from './find-run.ts'
import type { FoundRun } from './find-run.ts'
import type { HookCall } from './hook.ts'
import { judgeNow } from './judge-analyses.ts'
import type { JudgedAnalysis } from './judge-analyses.ts'

/** What calls are recorded with. */
export interface RecordOptions {
  readonly store: Pick<Store, 'addHook' | 'putTrace'>
  readonly rollouts: Rollouts
  /** Receives the worst verdict of all analyses of a run after each hook that judged one. */
  readonly judged: (rollout: RolloutName, run: LiveRun, verdict: RunVerdict) => void
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

/** Records a call that judges nothing, and ends the run if the call does. */
export function recordCall(
  { store, rollouts, nowMs }: RecordOptions,
  { type }: HookCall,
  found: FoundRun,
  answer: HookAnswer
): void {
  const run = newestRun(found)
  if (run === undefined) return
  rollouts.transaction(() => {
    if (found.kind === 'over') rollouts.endRun(found.run, found.phase)
    store.addHook(run.row.id, { atMs: nowMs(), type, ...answer })
  })
}

/** Records a call that judged analyses of a run, with their verdicts. */
export function recordVerdicts(
  options: RecordOptions,
  { type, rollout }: HookCall,
  {
    run,
    judged,
    answer
  }: {
    readonly run: LiveRun
    readonly judged: readonly JudgedAnalysis[]
    readonly answer: HookAnswer
  }
): void {
  const { store, rollouts } = options
  const atMs = options.nowMs()
  const { id } = run.row
  const newest = rollouts.find(rollout)?.run
  const current = newest?.row.id === id ? newest : undefined
  rollouts.transaction(() => {
    if (current !== undefined) rollouts.update(current, { lastHookMs: atMs })
    for (const { live, result } of judged) {
      if (!('unavailable' in result)) traceVerdict(store, live, result, atMs)
    }
    store.addHook(id, { atMs, type, ...answer })
  })
  const verdicts = (current === undefined ? [] : activeAnalyses(current)).map(live => {
    const own = judged.find(each => each.live.row.id === live.row.id)?.result
    return own === undefined || 'unavailable' in own ? judgeNow(run, live, atMs) : own
  })
  const worst = worstVerdict(verdicts)
  const isJudged = judged.some(({ result }) => !('unavailable' in result))
  if (current !== undefined && worst !== undefined && isJudged) {
    options.judged(rollout, current, worst)
  }
}

/** Stores one point a block: the page draws how evidence grew. */
function traceVerdict(
  store: Pick<Store, 'putTrace'>,
  { row, state }: LiveAnalysis,
  { verdict, objectives }: RunVerdict,
  atMs: number
): void {
  const point = { atMs, verdict, objectives: objectives.map(tracedObjective) }
  store.putTrace(row.id, blockStart(state.analysis, atMs), point)
}
