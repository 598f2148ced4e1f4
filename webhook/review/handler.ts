import { jsonAnswer, overloaded, textAnswer } from '../../service/http/answer.ts'
import type { Answer } from '../../service/http/answer.ts'
import type { HttpRequest } from '../../service/http/request.ts'
import type { Decision } from '../decision.ts'
import type { Subject } from '../subject/subject.ts'
import { decodeReview } from './decode.ts'
import { encodeResponse } from './respond.ts'

/** What answers reviews. */
export interface ReviewHandlerOptions {
  /** Judges a subject by a set of policies; undefined where there is no set of that name. */
  readonly judge: (subject: Subject, policySet: string) => Decision | undefined
  readonly hasPolicySet: (name: string) => boolean
  /** Told after each decision; a dry run changes nothing, so it counts in no state. */
  readonly decided: (decision: Decision, isDryRun: boolean) => void
  /** Milliseconds of `performance.now()`. */
  readonly nowMs: () => number
}

/** The name of the set that `/validate` judges by. */
export const defaultPolicySet = ''

/** Answers `POST /validate` and `POST /validate/<policy-set>`. */
export function reviewHandler(options: ReviewHandlerOptions): (request: HttpRequest) => Answer {
  return request => {
    if (!isJson(request.headers['content-type'])) {
      return textAnswer(415, 'the content type has to be application/json')
    }
    const set = request.segment ?? defaultPolicySet
    if (!options.hasPolicySet(set)) return textAnswer(404, 'there is no such policy set')
    if (isTooLate(request, options.nowMs())) return overloaded('the time of the request is over')
    const review = decodeReview(request.body)
    if (review.kind === 'refused') return textAnswer(400, review.reason)
    const { uid, subject, isDryRun } = review
    if (subject === undefined) return jsonAnswer(200, encodeResponse(uid, undefined))
    const decision = options.judge(subject, set)
    if (decision === undefined) return textAnswer(404, 'there is no such policy set')
    options.decided(decision, isDryRun)
    return jsonAnswer(200, encodeResponse(uid, decision))
  }
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json[\t ]*(?:;|$)/i.test(contentType ?? '')
}

/** The API server says in `?timeout=` how long it waits; later nobody reads the answer. */
function isTooLate(request: HttpRequest, nowMs: number): boolean {
  const match = /^(\d{1,4})s$/.exec(request.query.get('timeout') ?? '')
  return match !== null && nowMs - request.startedMs > Number(match[1]) * 1_000
}
