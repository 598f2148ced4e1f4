import { Fault } from '../../common/fault.ts'
import { jsonAnswer, overloaded, textAnswer } from '../../service/http/answer.ts'
import type { Answer } from '../../service/http/answer.ts'
import type { HttpRequest } from '../../service/http/request.ts'
import type { Decision } from '../decision.ts'
import type { Subject } from '../subject/subject.ts'
import { decodeReview } from './decode.ts'
import { encodeResponse } from './respond.ts'

/** What answers reviews. */
export interface ReviewHandlerOptions {
  /**
   * Judges a subject by a set of policies; undefined where there is no set of that name.
   *
   * @param timeLeftMs until the API server stops waiting; undefined where it does not say
   * @throws {Fault} `CEL_BUSY`, which is answered as overload
   */
  readonly judge: (
    subject: Subject,
    policySet: string,
    timeLeftMs: number | undefined
  ) => Decision | undefined | Promise<Decision>
  /** Undefined while no policies are known yet. */
  readonly hasPolicySet: (name: string) => boolean | undefined
  /** Told after each decision; a dry run changes nothing, so it counts in no state. */
  readonly decided: (decision: Decision, isDryRun: boolean) => void
  /** Milliseconds of `performance.now()`. */
  readonly nowMs: () => number
}

/** The name of the set that `/validate` judges by. */
export const defaultPolicySet = ''

/** Answers `POST /validate` and `POST /validate/<policy-set>`. */
export function reviewHandler(
  options: ReviewHandlerOptions
): (request: HttpRequest) => Answer | Promise<Answer> {
  return request => {
    if (!isJson(request.headers['content-type'])) {
      return textAnswer(415, 'the content type has to be application/json')
    }
    const set = request.segment ?? defaultPolicySet
    const isKnown = options.hasPolicySet(set)
    if (isKnown === undefined) return overloaded('the policies are not loaded yet')
    if (!isKnown) return textAnswer(404, 'there is no such policy set')
    const timeLeftMs = timeLeft(request, options.nowMs())
    if (timeLeftMs !== undefined && timeLeftMs < 0)
      return overloaded('the time of the request is over')
    const review = decodeReview(request.body)
    if (review.kind === 'refused') return textAnswer(400, review.reason)
    const { uid, subject, isDryRun } = review
    if (subject === undefined) return jsonAnswer(200, encodeResponse(uid, undefined))
    const decision = options.judge(subject, set, timeLeftMs)
    if (decision === undefined) return textAnswer(404, 'there is no such policy set')
    const answer = (decided: Decision) => {
      options.decided(decided, isDryRun)
      return jsonAnswer(200, encodeResponse(uid, decided))
    }
    return decision instanceof Promise ? decision.then(answer).catch(busyAnswer) : answer(decision)
  }
}

function isJson(contentType: string | undefined): boolean {
  return (
    contentType === 'application/json' || /^application\/json[\t ]*(?:;|$)/i.test(contentType ?? '')
  )
}

function busyAnswer(error: unknown): Answer {
  if (error instanceof Fault && error.code === 'CEL_BUSY') return overloaded(error.message)
  throw error
}

/** The API server says in `?timeout=` how long it waits; later nobody reads the answer. */
function timeLeft(request: HttpRequest, nowMs: number): number | undefined {
  const match = /^(\d{1,4})s$/.exec(request.queryValue('timeout') ?? '')
  return match === null ? undefined : request.startedMs + Number(match[1]) * 1_000 - nowMs
}
