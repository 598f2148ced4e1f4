import { pagePath } from './page/rollout-page.ts'
import type { JsonObject } from '../../common/json.ts'
import type { RolloutName } from '../event/message.ts'
import { worstVerdict } from '../judge/verdict.ts'
import type { Verdict } from '../judge/verdict.ts'
import { sourceDown } from './source-down.ts'
import { runJson } from './verdict-route.ts'
import type { JudgedRun } from './verdict-route.ts'

/** One rollout of `GET /rollouts`, as JSON. */
export interface RolloutSummary extends RolloutName {
  readonly verdict: Verdict
  readonly reason: string
  /** Why a source is down; null if none is. */
  readonly sourceDown: string | null
  readonly model: string
  readonly commit: string | null
  readonly objectives: readonly JsonObject[]
  readonly run: ReturnType<typeof runJson> & { readonly lastHookAt: string }
  /** Path of the rollout's page. */
  readonly page: string
}

/** Returns the summary of a rollout for the list. */
export function summaryOf(
  name: RolloutName,
  { run, verdicts }: JudgedRun,
  nowMs: number
): RolloutSummary {
  const worst = worstVerdict(verdicts)
  const json = runJson(run, nowMs)
  return {
    ...name,
    verdict: worst?.verdict ?? 'no-data',
    reason: worst?.reason ?? 'no objectives yet',
    sourceDown: sourceDown(run.row, verdicts),
    model: json.model ?? name.name,
    commit: json.commit,
    objectives: verdicts.flatMap(({ objectives }) => objectives.map(each => ({ ...each }))),
    run: { ...json, lastHookAt: new Date(run.row.lastHookMs).toISOString() },
    page: pagePath(name)
  }
}
