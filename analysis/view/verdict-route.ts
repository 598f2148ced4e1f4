import { stringifyJson } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { jsonAnswer } from '../../service/http/answer.ts'
import type { Answer } from '../../service/http/answer.ts'
import type { HttpRequest } from '../../service/http/request.ts'
import type { RolloutName } from '../event/message.ts'
import { rolloutName } from '../event/own-event.ts'
import { worstVerdict } from '../judge/verdict.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import { namesOf } from '../settings/names.ts'
import type { LiveRun } from '../run/rollouts.ts'

/** A run with the verdict on each of its analyses. */
export interface JudgedRun {
  readonly run: LiveRun
  readonly verdicts: readonly RunVerdict[]
}

/** What a rollout is known for: nothing, objectives without a run, or a run. */
export type RolloutView =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'judged'; readonly judged: JudgedRun }

/**
 * Answers `GET /v1/verdict?namespace=NS&name=NAME` for Argo Rollouts' web provider: always strict JSON,
 * for that provider takes a body it cannot parse for success (argo-rollouts #4535).
 */
export function verdictRoute(
  view: (rollout: RolloutName) => RolloutView,
  nowMs: () => number
): (request: HttpRequest) => Answer {
  return request => {
    const { query } = request
    const rollout = rolloutName(query.get('namespace') ?? '', query.get('name') ?? '')
    if (rollout === undefined) {
      return json(400, { error: 'namespace and name are those of the Canary' })
    }
    const known = view(rollout)
    switch (known.kind) {
      case 'unknown':
        return json(404, { error: `${rollout.namespace}/${rollout.name} is unknown` })
      case 'waiting':
        return json(200, { verdict: 'no-data', reason: 'no run yet', objectives: [], run: null })
      case 'judged':
        return json(200, verdictJson(known.judged, nowMs()))
    }
  }
}

/** The worst of a run's verdicts, with the objectives of all of them. */
export function verdictJson({ run, verdicts }: JudgedRun, nowMs: number): JsonValue {
  const worst = worstVerdict(verdicts)
  return {
    verdict: worst?.verdict ?? 'no-data',
    reason: worst?.reason ?? 'no objectives yet',
    objectives: verdicts.flatMap(({ objectives }) => objectives.map(each => ({ ...each }))),
    run: { ...runJson(run, nowMs), settledBy: worst?.settledBy ?? null }
  }
}

/** A run as every reader gets it. */
export function runJson({ row, analyses }: LiveRun, nowMs: number) {
  const { model, commit } = namesOf(analyses.map(({ state }) => state.analysis))
  return {
    number: row.number,
    checksum: row.checksum,
    model: model ?? null,
    commit: commit ?? null,
    startedAt: new Date(row.startedMs).toISOString(),
    ageSeconds: Math.round((nowMs - row.startedMs) / 1_000),
    ended: row.endedMs === null ? null : (row.endedPhase ?? 'superseded')
  }
}

function json(status: number, value: JsonValue): Answer {
  return jsonAnswer(status, stringifyJson(value))
}
