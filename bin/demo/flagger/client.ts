import { setTimeout as sleep } from 'node:timers/promises'

/** The result of a call, as Flagger takes it. */
export interface HookResult {
  readonly isPassed: boolean
  /** The text in Flagger's log and events; empty if the call passed. */
  readonly text: string
}

/** A webhook in the spec of a Canary. */
export interface Webhook {
  readonly name: string
  readonly type: string
  readonly url: string
  readonly metadata?: Readonly<Record<string, string>>
  /** Default 10 s, as Flagger's. */
  readonly timeoutMs?: number
  /** Default 0: one attempt. */
  readonly retries?: number
}

/** The body that Flagger sends for every type (flagger pkg/apis/flagger/v1beta1/canary.go). */
export interface HookPayload {
  readonly name: string
  readonly namespace: string
  readonly phase: string
  readonly checksum: string
  readonly metadata?: Readonly<Record<string, string>>
}

const highestSuccess = 202
const firstBackoffMs = 1_000
const maxBackoffMs = 30_000

/**
 * Calls a webhook by the rules of Flagger's client (flagger pkg/controller/webhook.go over
 * go-retryablehttp 0.7.8): 200 to 202 pass; 429 and 5xx except 501 are retried, and their text is lost;
 * every other status fails with the body as it is; 301 to 303 become a GET without a body.
 */
export async function callWebhook(
  { url, timeoutMs = 10_000, retries = 0 }: Webhook,
  payload: HookPayload
): Promise<HookResult> {
  const body = JSON.stringify(payload)
  let backoffMs = firstBackoffMs
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await attemptCall(url, body, timeoutMs)
    if (outcome.kind === 'answered') {
      const { status, text } = outcome
      return status <= highestSuccess ? { isPassed: true, text: '' } : { isPassed: false, text }
    }
    if (attempt >= retries) {
      const reason = outcome.reason === '' ? '' : `: ${outcome.reason}`
      return {
        isPassed: false,
        text: `POST ${withoutPassword(url)} giving up after ${attempt + 1} attempt(s)${reason}`
      }
    }
    await sleep(outcome.retryAfterMs ?? backoffMs)
    backoffMs = Math.min(maxBackoffMs, backoffMs * 2)
  }
}

/** As Go does: the user of the URL becomes a Basic header. */
function withoutUser(text: string): {
  readonly bare: string
  readonly authorization: Readonly<Record<string, string>>
} {
  const url = new URL(text)
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  if (user === ':') return { bare: text, authorization: {} }
  url.username = ''
  url.password = ''
  const authorization = { Authorization: `Basic ${Buffer.from(user).toString('base64')}` }
  return { bare: url.href, authorization }
}

function withoutPassword(text: string): string {
  const url = new URL(text)
  if (url.password === '') return text
  url.password = 'xxxxx'
  return url.href
}

type Attempt =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  | { readonly kind: 'again'; readonly reason: string; readonly retryAfterMs: number | undefined }

async function attemptCall(url: string, body: string, timeoutMs: number): Promise<Attempt> {
  const { bare, authorization } = withoutUser(url)
  try {
    const response = await fetch(bare, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...authorization },
      body,
      signal: AbortSignal.timeout(timeoutMs)
    })
    const text = await response.text()
    const { status } = response
    const isRepeated = status === 429 || (status >= 500 && status !== 501)
    if (!isRepeated) return { kind: 'answered', status, text }
    const after = Number(response.headers.get('retry-after') ?? Number.NaN)
    return { kind: 'again', reason: '', retryAfterMs: after >= 0 ? after * 1_000 : undefined }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    return {
      kind: 'again',
      reason: `Post ${JSON.stringify(withoutPassword(url))}: ${reason}`,
      retryAfterMs: undefined
    }
  }
}
