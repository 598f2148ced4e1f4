import type { ServerResponse } from 'node:http'

/** What a handler answers. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string | Buffer
  /** Further headers, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A line of plain text with a line feed at its end: errors, health. */
export function textAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {}
): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n`, headers }
}

/** JSON text that is already written. */
export function jsonAnswer(status: number, json: string): Answer {
  return { status, contentType: 'application/json', body: json }
}

/**
 * The answer of a server that has no room: 503 with `Retry-After: 1`, which client-go repeats within
 * its deadline (client-go rest/with_retry.go), so that overload is never taken for a denial.
 */
export function overloaded(reason: string): Answer {
  return textAnswer(503, reason, { 'Retry-After': '1' })
}

/** Sends the answer; `isLast` asks the client to close the connection after it. */
export function send(response: ServerResponse, answer: Answer, isLast: boolean): void {
  writeHead(response, answer, isLast)
  response.end(answer.body)
}

/**
 * Writes the whole of a connection's last answer and leaves its end to the caller: there Node closes the
 * connection, and a client that still sends would get a reset in place of the answer.
 */
export function writeLast(response: ServerResponse, answer: Answer): void {
  writeHead(response, answer, true)
  response.write(answer.body)
}

function writeHead(response: ServerResponse, answer: Answer, isLast: boolean): void {
  const { body, headers } = answer
  const fields: Record<string, string | number> = {
    'Content-Type': answer.contentType,
    'Content-Length': typeof body === 'string' ? Buffer.byteLength(body) : body.length,
    'X-Content-Type-Options': 'nosniff'
  }
  if (headers !== undefined) Object.assign(fields, headers)
  if (isLast) fields.Connection = 'close'
  response.writeHead(answer.status, fields)
}
