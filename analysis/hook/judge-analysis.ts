import type { RolloutName } from '../event/message.ts'
import { judgeRun } from '../judge/judge-run.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import { judgeReplay } from '../replay/judge-replay.ts'
import { readReplayProgress } from '../replay/progress.ts'
import { histogramOf } from '../run/rollouts.ts'
import type { LiveAnalysis, LiveRun } from '../run/rollouts.ts'
import type { HookOptions } from './handle-hook.ts'

/** The verdict now. A failure is kept: later evidence does not undo it. */
export async function judgeAnalysis(
  options: Pick<HookOptions, 'rollouts' | 'refresh' | 'nowMs' | 'store'>,
  rollout: RolloutName,
  run: LiveRun,
  live: LiveAnalysis
): Promise<RunVerdict | { readonly unavailable: string }> {
  const refreshed = await options.refresh(run, live, rollout)
  const current = options.rollouts.current(rollout, { run, live })
  const { failed } = current.live.row
  if (refreshed.kind === 'unavailable' && failed === null) {
    return { unavailable: refreshed.reason }
  }
  const verdict = judgeNow(current.run, current.live, options.nowMs())
  if (verdict.verdict === 'fail' && failed === null) {
    within(options, () => {
      options.rollouts.updateAnalysis(current.live, { failed: verdict.reason })
    })
  }
  return verdict
}

/** The verdict on what is counted now. */
export function judgeNow(run: LiveRun, { row, state }: LiveAnalysis, nowMs: number): RunVerdict {
  const { analysis } = state
  const ageMs = nowMs - run.row.startedMs
  const verdict =
    analysis.source === 'replay'
      ? judgeReplay(analysis, readReplayProgress(row.sourceState), ageMs)
      : judgeRun(analysis, state.counts(nowMs, histogramOf(run, 'canary')), ageMs)
  return row.failed === null ? verdict : { ...verdict, verdict: 'fail', reason: row.failed }
}

/** Work in one transaction; when it fails, memory is read again from the store. */
export function within<T>(
  { store, rollouts }: Pick<HookOptions, 'store' | 'rollouts'>,
  work: () => T
): T {
  try {
    return store.transaction(work)
  } catch (error) {
    rollouts.forget()
    throw error
  }
}
