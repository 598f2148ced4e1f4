import type { RolloutName } from '../event/message.ts'
import { judgeRun } from '../judge/judge-run.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import { judgeReplay } from '../replay/judge-replay.ts'
import { readReplayProgress } from '../replay/progress.ts'
import { skewText } from '../run/clock-skew.ts'
import { latenciesOf } from '../run/latencies.ts'
import type { LiveAnalysis, LiveRun, Rollouts } from '../run/rollouts.ts'
import type { Refreshed } from '../source/refreshed.ts'
import type { ChosenAnalyses } from './choose-analyses.ts'

/** What analyses are judged with. */
export interface JudgeOptions {
  readonly rollouts: Rollouts
  /** Brings the counts of an analysis up to date from its source. */
  readonly refresh: (run: LiveRun, live: LiveAnalysis, rollout: RolloutName) => Promise<Refreshed>
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

/** An analysis and its verdict, or why its source is down. */
export interface JudgedAnalysis {
  readonly live: LiveAnalysis
  readonly result: RunVerdict | { readonly unavailable: string }
}

/** Judges analyses. Their sources are asked at the same time, so that slow ones do not add up. */
export async function judgeAnalyses(
  options: JudgeOptions,
  rollout: RolloutName,
  { run, analyses }: ChosenAnalyses
): Promise<readonly JudgedAnalysis[]> {
  return await Promise.all(
    analyses.map(async live => ({ live, result: await judgeOne(options, rollout, run, live) }))
  )
}

/** A failure is final: later evidence does not undo it. */
async function judgeOne(
  { rollouts, refresh, nowMs }: JudgeOptions,
  rollout: RolloutName,
  run: LiveRun,
  live: LiveAnalysis
): Promise<JudgedAnalysis['result']> {
  const refreshed = await refresh(run, live, rollout)
  const current = rollouts.current(rollout, { run, live })
  const { failed } = current.live.row
  current.live.down = refreshed.kind === 'unavailable' ? refreshed.reason : undefined
  if (refreshed.kind === 'unavailable' && failed === null) {
    return { unavailable: refreshed.reason }
  }
  const verdict = judgeNow(current.run, current.live, nowMs())
  if (verdict.unavailable !== undefined && failed === null) {
    return { unavailable: verdict.unavailable }
  }
  if (verdict.verdict === 'fail' && failed === null) {
    rollouts.transaction(() => {
      rollouts.updateAnalysis(current.live, { failed: verdict.reason })
    })
  }
  return verdict
}

/** The verdict on what is counted now. */
export function judgeNow(
  run: LiveRun,
  { row, state, down }: LiveAnalysis,
  nowMs: number
): RunVerdict {
  const { analysis } = state
  const ageMs = nowMs - run.row.startedMs
  const counted =
    analysis.source === 'replay'
      ? judgeReplay(analysis, readReplayProgress(row.sourceState), ageMs)
      : judgeRun(analysis, countsOf(run, state, nowMs), ageMs)
  const verdict = down === undefined ? counted : { ...counted, unavailable: down }
  if (row.failed !== null) return { ...verdict, verdict: 'fail', reason: row.failed }
  if (verdict.verdict !== 'no-data' || run.skew === undefined) return verdict
  return { ...verdict, reason: `${verdict.reason}; ${skewText(run.skew)}` }
}

const byMatch =
  'the Canary sends requests to its arms by match rules, not at random: the arms are not comparable'

/** The counts to judge by. A comparison of arms that get different requests says so. */
function countsOf(
  run: LiveRun,
  state: LiveAnalysis['state'],
  nowMs: number
): ReturnType<LiveAnalysis['state']['counts']> {
  const counts = state.counts(nowMs, latenciesOf(run))
  if (run.row.facts.isByMatch !== true) return counts
  return counts.map(each => {
    if (each.comparison === undefined && each.comparisonLacks === undefined) return each
    return { ...each, note: each.note === undefined ? byMatch : `${byMatch}; ${each.note}` }
  })
}
