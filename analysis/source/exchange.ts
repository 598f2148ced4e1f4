/** A source cannot be used now. The message is shown to users, so it has no payloads or secrets. */
export class SourceDown extends Error {
  override readonly name = 'SourceDown'
}

/** A request to a source. */
export interface SourceRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** JSON; undefined for GET. */
  readonly body?: string
  readonly limitBytes: number
  readonly signal: AbortSignal
}

/** A response of a source. */
export interface SourceAnswer {
  readonly status: number
  readonly text: string
}

/** Sends a request to a source. @throws {SourceDown} */
export type Exchange = (request: SourceRequest) => Promise<SourceAnswer>

/**
 * Sends a request over HTTP. Redirects are not followed, because they could lead to addresses that are not
 * allowed. A body above the limit is not read to its end.
 */
export const exchange: Exchange = async ({ url, headers, body, limitBytes, signal }) => {
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers
      },
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal
    })
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel()
      throw new SourceDown(`${url.host} redirects (${response.status}); redirects are not followed`)
    }
    return { status: response.status, text: await readText(response, url, limitBytes) }
  } catch (error) {
    throw error instanceof SourceDown
      ? error
      : new SourceDown(`${url.host} ${reasonOf(error, signal)}`)
  }
}

async function readText(response: Response, url: URL, limitBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const parts: string[] = []
  let size = 0
  // Leaving the loop cancels the body, so the rest is never received.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limitBytes) {
      throw new SourceDown(`${url.host} sent more than ${limitBytes} bytes`)
    }
    parts.push(decode(decoder, url, chunk))
  }
  return parts.join('') + decode(decoder, url)
}

function decode(decoder: InstanceType<typeof TextDecoder>, url: URL, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
  } catch {
    throw new SourceDown(`${url.host} sent a response that is not UTF-8`)
  }
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'did not respond in time'
  const cause: unknown = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? `cannot be reached (${code})` : 'cannot be reached'
}
