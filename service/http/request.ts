import type { IncomingHttpHeaders } from 'node:http'

/** A request whose body was read, as handlers see it. */
export interface HttpRequest {
  readonly method: string
  /** The decoded segments of the path, by the names in the path of the route. */
  readonly params: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** At most as long as the route's limit; empty if the route reads no body. */
  readonly body: Buffer
  /** Milliseconds of `performance.now()` at which its headers were read: where its deadline starts. */
  readonly startedMs: number
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  /** The first value of a parameter of the query string, decoded; undefined if there is none. */
  queryValue(name: string): string | undefined
  /**
   * Calls `done` when the whole answer was sent or the client went away. After `maxMs` the connection is
   * closed.
   */
  whenSent(maxMs: number, done: () => void): void
}
