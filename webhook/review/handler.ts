import { Fault } from '../../common/fault.ts'
import { jsonAnswer, overloaded, textAnswer } from '../../service/http/answer.ts'
import type { Answer } from '../../service/http/answer.ts'
import type { HttpRequest } from '../../service/http/request.ts'
import type { Decision } from '../decision.ts'
import type { PolicySets } from '../policy/policies.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import type { Subject } from '../subject/subject.ts'
import { decodeReview } from './decode.ts'
import { encodeResponse } from './respond.ts'

/** The parts of the webhook that answer a review, in the order in which they are used. */
export interface ReviewHandlerOptions {
  /** Undefined while no policies are loaded yet. */
  readonly policySets: () => PolicySets | undefined
  /**
   * Judges a subject by a policy set.
   *
   * @param timeLeftMs until the API server stops waiting; undefined when it does not say
   * @throws {Fault} `CEL_BUSY`, which is answered as overload
   */
  readonly judge: (
    subject: Subject,
    set: PolicySet,
    timeLeftMs: number | undefined
  ) => Decision | Promise<Decision>
  /** Called once per decision. A dry run changes nothing, so no gauge counts it. */
  readonly record: (decision: Decision, isDryRun: boolean) => void
  /** Milliseconds of `performance.now()`. */
  readonly nowMs: () => number
}

/** The name of the policy set that answers `/validate`. */
export const defaultPolicySet = ''

/** Answers `POST /validate` and `POST /validate/<policy-set>`. */
export function reviewHandler(
  options: ReviewHandlerOptions
): (request: HttpRequest) => Answer | Promise<Answer> {
  return request => {
    if (!isJson(request.headers['content-type'])) {
      return textAnswer(415, 'the Content-Type must be application/json')
    }
    const sets = options.policySets()
    if (sets === undefined) return overloaded('the policies are not loaded yet')
    const set = sets.get(request.params.policySet ?? defaultPolicySet)
    if (set === undefined) return textAnswer(404, 'policy set not found')
    const timeLeftMs = timeLeft(request, options.nowMs())
    if (timeLeftMs !== undefined && timeLeftMs < 0) {
      return overloaded('the timeout of the request has expired')
    }
    const review = decodeReview(request.body)
    if (review.kind === 'refused') return textAnswer(400, review.reason)
    const { uid, subject, isDryRun } = review
    if (subject === undefined) return jsonAnswer(200, encodeResponse(uid, undefined))
    const answer = (decision: Decision) => {
      options.record(decision, isDryRun)
      return jsonAnswer(200, encodeResponse(uid, decision))
    }
    const decision = options.judge(subject, set, timeLeftMs)
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

/** The API server sends in `?timeout=` how long it waits; nobody reads a later answer. */
function timeLeft(request: HttpRequest, nowMs: number): number | undefined {
  const match = /^(\d{1,4})s$/.exec(request.queryValue('timeout') ?? '')
  return match === null ? undefined : request.startedMs + Number(match[1]) * 1_000 - nowMs
}
