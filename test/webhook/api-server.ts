import type { JsonObject, JsonValue } from '../../common/json.ts'

/** What a user of the API server sees of a webhook's answer. */
export type Outcome =
  | { readonly kind: 'call failure'; readonly reason: string }
  | {
      readonly kind: 'allowed' | 'denied'
      readonly code: number
      readonly message: string
      readonly reason: string
      readonly details: JsonValue
      readonly warnings: readonly string[]
      readonly annotations: Readonly<Record<string, string>>
      /** What the API server drops with a line in its own log. */
      readonly dropped: readonly string[]
    }

/** An HTTP answer of a webhook. */
export interface WebhookAnswer {
  readonly status: number
  readonly body: string
}

const webhook = 'policies.mlgitops.io'
const maxWarningRunes = 4_096
const cutWarningRunes = 256

/**
 * Takes an answer as the API server does: apiserver
 * `pkg/admission/plugin/webhook/request/admissionreview.go` (VerifyAdmissionResponse),
 * `webhook/errors/statuserror.go` (ToStatusErr), `endpoints/filters/warning.go`,
 * apimachinery `pkg/util/net/http.go` (NewWarningHeader), `pkg/admission/attributes.go` (checkKeyFormat).
 */
export function takeAnswer(uid: string, { status, body }: WebhookAnswer): Outcome {
  if (status < 200 || status > 206) return failure(`status ${status}: ${body}`)
  const review = JSON.parse(body) as JsonObject
  const response = review.response as JsonObject | undefined
  const fault = verify(uid, review, response)
  if (fault !== undefined || response === undefined) return failure(fault ?? '')
  return decided(response)
}

function verify(uid: string, review: JsonObject, response: JsonObject | undefined) {
  if (review.apiVersion !== 'admission.k8s.io/v1' || review.kind !== 'AdmissionReview') {
    return 'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview'
  }
  if (response === undefined) return 'webhook response was absent'
  if (response.uid !== uid) return `expected response.uid=${uid}`
  if (response.patch !== undefined || response.patchType !== undefined) {
    return 'a validating webhook may not return response.patch'
  }
  return undefined
}

function decided(response: JsonObject): Outcome {
  const given = (response.status ?? {}) as JsonObject
  const dropped: string[] = []
  const warnings = takeWarnings((response.warnings ?? []) as string[], dropped)
  const annotations = takeAnnotations((response.auditAnnotations ?? {}) as JsonObject, dropped)
  const said = (key: string) => (typeof given[key] === 'string' ? given[key] : '')
  const text = [said('message'), said('reason'), 'without explanation'].find(part => part !== '')
  const common = { details: given.details ?? null, warnings, annotations, dropped }
  if (response.allowed === true) {
    return { kind: 'allowed', code: 200, message: '', reason: '', ...common }
  }
  return {
    kind: 'denied',
    code: Math.max(400, Number(given.code ?? 0)),
    message: `admission webhook "${webhook}" denied the request: ${text ?? ''}`,
    reason: said('reason'),
    ...common
  }
}

function failure(reason: string): Outcome {
  return { kind: 'call failure', reason }
}

function takeWarnings(texts: readonly string[], dropped: string[]): string[] {
  const taken: string[] = []
  let runes = 0
  for (const text of new Set(texts)) {
    if (!text.isWellFormed() || /\p{Cc}/u.test(text)) {
      dropped.push(`warning: ${JSON.stringify(text)}`)
      continue
    }
    const length = Array.from(text).length
    runes += length
    if (runes > maxWarningRunes) dropped.push(`warning over the limit: ${text}`)
    else if (length > cutWarningRunes) dropped.push(`warning that may be cut: ${text}`)
    else taken.push(text)
  }
  return taken
}

function takeAnnotations(given: JsonObject, dropped: string[]): Record<string, string> {
  const taken: Record<string, string> = {}
  for (const [key, value] of Object.entries(given)) {
    const isName = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(key) && key.length <= 63
    if (isName && typeof value === 'string') taken[`${webhook}/${key}`] = value
    else dropped.push(`annotation: ${key}`)
  }
  return taken
}
