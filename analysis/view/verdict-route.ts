import { bound } from '../../common/fault.ts'
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
import { sourceDown } from './source-down.ts'

/** A run with the verdict on each of its analyses. */
export interface JudgedRun {
  readonly run: LiveRun
  readonly verdicts: readonly RunVerdict[]
}

/** A rollout that is unknown, one that has objectives and waits for its first run, or one with a run. */
export type RolloutView =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'judged'; readonly judged: JudgedRun }

/**
 * Answers `GET /v1/verdict?namespace=NS&name=NAME` for the web provider of Argo Rollouts; with `commit=` or
 * `digest=`, about the run of that commit or model digest only. The answer is
 * always strict JSON, because that provider treats a body that it cannot parse as success
 * (argo-rollouts #4535).
 */
export function verdictRoute(
  view: (rollout: RolloutName) => RolloutView,
  nowMs: () => number
): (request: HttpRequest) => Answer {
  return request => {
    const [namespace = '', name = ''] = ['namespace', 'name'].map(key => request.queryValue(key))
    const rollout = rolloutName(namespace, name)
    if (rollout === undefined) {
      return json(400, { error: 'namespace and name must be those of a Canary' })
    }
    const known = view(rollout)
    switch (known.kind) {
      case 'unknown':
        return json(404, { error: `${rollout.namespace}/${rollout.name} is unknown` })
      case 'waiting':
        return json(200, { verdict: 'no-data', reason: 'no run yet', objectives: [], run: null })
      case 'judged':
        return json(200, verdictFor(known.judged, asked(request), nowMs()))
    }
  }
}

/** The commit and the model digest that a caller asks about; empty for any. */
interface Asked {
  readonly commit: string
  readonly digest: string
}

function asked(request: HttpRequest): Asked {
  return {
    commit: request.queryValue('commit') ?? '',
    digest: request.queryValue('digest') ?? ''
  }
}

/** The verdict of a run as {@link verdictJson}, if it is that of the commit and the digest that are asked about. */
export function verdictFor(judged: JudgedRun, { commit, digest }: Asked, nowMs: number): JsonValue {
  const names = namesOf(judged.run.analyses.map(({ state }) => state.analysis))
  const others = [
    otherThan('commit', commit, names.commit),
    otherThan('digest', digest, names.digest)
  ].filter(reason => reason !== undefined)
  if (others.length === 0) return verdictJson(judged, nowMs)
  return {
    verdict: 'inconclusive',
    reason: others.join('; '),
    objectives: [],
    run: { ...runJson(judged.run, nowMs), settledBy: null },
    unjudged: []
  }
}

function otherThan(name: string, wanted: string, own: string | undefined): string | undefined {
  if (wanted === '' || wanted === own) return undefined
  return `the run is of ${own === undefined ? `no known ${name}` : `${name} ${own}`}, not of ${bound(wanted, 100)}`
}

/** Returns the worst verdict of a run, with the objectives of all its analyses. */
export function verdictJson({ run, verdicts }: JudgedRun, nowMs: number): JsonValue {
  const worst = worstVerdict(verdicts)
  return {
    verdict: worst?.verdict ?? 'no-data',
    reason: worst?.reason ?? 'no objectives yet',
    sourceDown: sourceDown(run.row, verdicts),
    objectives: verdicts.flatMap(({ objectives }) => objectives.map(each => ({ ...each }))),
    run: { ...runJson(run, nowMs), settledBy: worst?.settledBy ?? null },
    unjudged: run.row.facts.unjudged ?? []
  }
}

/** Returns a run as JSON. */
export function runJson({ row, analyses }: LiveRun, nowMs: number) {
  const { model, commit, digest } = namesOf(analyses.map(({ state }) => state.analysis))
  return {
    number: row.number,
    checksum: row.checksum,
    model: model ?? null,
    commit: commit ?? null,
    digest: digest ?? null,
    startedAt: new Date(row.startedMs).toISOString(),
    ageSeconds: Math.round((nowMs - row.startedMs) / 1_000),
    ended: row.endedMs === null ? null : (row.endedPhase ?? 'superseded')
  }
}

function json(status: number, value: JsonValue): Answer {
  return jsonAnswer(status, stringifyJson(value))
}
