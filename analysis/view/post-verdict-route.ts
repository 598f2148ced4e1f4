import { stringifyJson } from '../../common/json.ts'
import { jsonAnswer } from '../../service/http/answer.ts'
import type { Answer } from '../../service/http/answer.ts'
import type { HttpRequest } from '../../service/http/request.ts'
import type { Analyst } from '../analyst.ts'
import { line } from '../hook/answer.ts'
import { isTerminal } from '../hook/find-run.ts'
import { readHook } from '../hook/hook.ts'
import type { HookCall } from '../hook/hook.ts'
import { verdictFor } from './verdict-route.ts'

/**
 * Answers `POST /v1/verdict` with the verdict as strict JSON, for callers without hooks, such as the web
 * provider of Argo Rollouts. The body is that of a `rollout` hook, and starts or continues a run as one. Another
 * `attempt` in the metadata starts another run, and the phase `Succeeded` or `Failed` ends it.
 */
export function postVerdictRoute(
  analyst: Pick<Analyst, 'answer' | 'view'>,
  nowMs: () => number
): (request: HttpRequest) => Promise<Answer> {
  return async request => {
    const call = readHook('rollout', request.body)
    if ('refused' in call) return failed(400, line(call.refused))
    const isEnd = isTerminal(call.phase)
    const { status, text } = await analyst.answer(isEnd ? { ...call, type: 'post-rollout' } : call)
    const known = analyst.view(call.rollout)
    if (status === 400 || status === 404 || status === 424) return failed(status, text)
    if (known.kind !== 'judged') return failed(404, text)
    return jsonAnswer(200, stringifyJson(verdictFor(known.judged, askedIn(call), nowMs())))
  }
}

/** The commit and the model digest of the metadata: another run than theirs proves nothing about them. */
function askedIn({ metadata }: HookCall): { readonly commit: string; readonly digest: string } {
  return { commit: metadata.get('commit') ?? '', digest: metadata.get('digest') ?? '' }
}

function failed(status: number, error: string): Answer {
  return jsonAnswer(status, stringifyJson({ error }))
}
