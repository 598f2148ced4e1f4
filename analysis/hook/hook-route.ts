import { textAnswer } from '../../service/http/answer.ts'
import type { Answer } from '../../service/http/answer.ts'
import type { HttpRequest } from '../../service/http/request.ts'
import { line } from './answer.ts'
import type { HookAnswer } from './answer.ts'
import { readHook } from './hook.ts'
import type { HookCall } from './hook.ts'

/** Largest body of a hook. */
export const hookLimitBytes = 256 * 1024

/** Answers `POST /webhook/<type>` and `POST /webhook/canary`. Never a redirect, never 203 to 299. */
export function hookRoute(
  answer: (call: HookCall) => Promise<HookAnswer>
): (request: HttpRequest) => Promise<Answer> {
  return async request => {
    const call = readHook(request.params.type ?? '', request.body)
    if ('refused' in call) {
      return textAnswer(call.isTypeUnknown ? 404 : 400, line(call.refused))
    }
    const { status, text } = await answer(call)
    // No line feed at the end: Flagger puts the body into an event as it is.
    return { status, contentType: 'text/plain; charset=utf-8', body: text }
  }
}
