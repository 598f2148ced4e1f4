import { bound, Fault } from '../../common/fault.ts'
import { isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/** How a request to the API server can fail. */
export type ApiFaultCode =
  /** No credentials, no connection, no TLS, no answer in time, or an answer that breaks off. */
  | 'KUBERNETES_UNREACHABLE'
  /** 401: the token is unknown or expired. */
  | 'KUBERNETES_UNAUTHORIZED'
  /** 403: RBAC lacks a verb; the message names it. */
  | 'KUBERNETES_FORBIDDEN'
  /** 404: no such object, or no such resource: a CRD that is not installed. */
  | 'KUBERNETES_NOT_FOUND'
  /** 409: it already exists, or somebody else wrote meanwhile or owns a field. */
  | 'KUBERNETES_CONFLICT'
  /** 410: the resourceVersion is too old to continue from. */
  | 'KUBERNETES_GONE'
  /** 400 and 422: the API server refused the request's body or query. */
  | 'KUBERNETES_INVALID'
  /** 429, 503 and 504: the server is overloaded. */
  | 'KUBERNETES_OVERLOADED'
  /** Another status, or a body that is not a JSON object. */
  | 'KUBERNETES_ANSWER'

/** A request to the API server that did not succeed. */
export type ApiFault = Fault<ApiFaultCode>

const codes = new Map<number, ApiFaultCode>([
  [400, 'KUBERNETES_INVALID'],
  [401, 'KUBERNETES_UNAUTHORIZED'],
  [403, 'KUBERNETES_FORBIDDEN'],
  [404, 'KUBERNETES_NOT_FOUND'],
  [409, 'KUBERNETES_CONFLICT'],
  [410, 'KUBERNETES_GONE'],
  [422, 'KUBERNETES_INVALID'],
  [429, 'KUBERNETES_OVERLOADED'],
  [503, 'KUBERNETES_OVERLOADED'],
  [504, 'KUBERNETES_OVERLOADED']
])
const maxSaidCharacters = 600

/**
 * The fault of an answer whose status is not a success.
 *
 * @param what the request did, such as `list modelpolicies.mlgitops.io`
 * @param body a `Status` (apimachinery meta/v1) where the API server itself answered
 */
export function answerFault(what: string, status: number, body: JsonValue | undefined): ApiFault {
  const message = isJsonObject(body) ? stringMember(body, 'message') : undefined
  const said = message === undefined ? `status ${status}` : bound(message, maxSaidCharacters)
  return new Fault(
    codes.get(status) ?? 'KUBERNETES_ANSWER',
    `the API server refused to ${what}: ${said}`
  )
}

/** The fault of an `ERROR` event of a watch, whose object is a `Status`. */
export function eventFault(what: string, object: JsonValue | undefined): ApiFault {
  const code = member(object, 'code')
  return answerFault(what, typeof code === 'number' ? code : 500, object)
}

/** The fault of a request without an answer; `found` is a word such as `ECONNREFUSED`. */
export function unreachable(what: string, found: string): ApiFault {
  return new Fault('KUBERNETES_UNREACHABLE', `cannot ask the API server to ${what}: ${found}`)
}

/** Whether something thrown is an {@link ApiFault} of this code. */
export function isApiFault(error: unknown, code: ApiFaultCode): boolean {
  return error instanceof Fault && error.code === code
}
