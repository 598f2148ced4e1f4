/** What a handler answers. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string | Buffer
  /** Further headers, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** One line of plain text that ends with a line feed: errors, health. */
export function textAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {}
): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n`, headers }
}

/** JSON that is already serialized. */
export function jsonAnswer(status: number, json: string): Answer {
  return { status, contentType: 'application/json', body: json }
}

/**
 * The answer of an overloaded server: 503 with `Retry-After: 1`, which client-go retries within its
 * deadline (client-go rest/with_retry.go), so that overload does not look like a denial.
 */
export function overloaded(reason: string): Answer {
  return textAnswer(503, reason, { 'Retry-After': '1' })
}
