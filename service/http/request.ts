import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'

/** What a route's pattern found in the target of a request. */
export interface RequestTarget {
  /** The path, still percent-encoded. */
  readonly path: string
  /** What follows `?`, without it; empty where there is none. */
  readonly search: string
  /** The decoded last segment for a pattern that ends with `/*`, otherwise undefined. */
  readonly segment: string | undefined
  /** The decoded segment before it, for a pattern that ends with two stars. */
  readonly parentSegment?: string
}

/** One parameter that is written as it is read. */
const plainParameter = /^[\w.~-]+=[\w.~-]*$/

/** A request whose body was read. */
export class HttpRequest {
  readonly method: string
  readonly path: string
  /** The decoded segment that the `*` of the route's pattern stands for. */
  readonly segment: string | undefined
  /** The one before it, where the pattern ends with two stars. */
  readonly parentSegment: string | undefined
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** At most the route's limit; empty where the route reads none. */
  readonly body: Buffer
  /** Milliseconds of `performance.now()` at which its headers were read: where its deadline starts. */
  readonly startedMs: number
  readonly #search: string
  readonly #response: ServerResponse
  #signal: AbortSignal | undefined

  constructor(
    message: IncomingMessage,
    response: ServerResponse,
    read: { readonly target: RequestTarget; readonly body: Buffer; readonly startedMs: number }
  ) {
    this.method = message.method ?? ''
    this.headers = message.headers
    this.path = read.target.path
    this.segment = read.target.segment
    this.parentSegment = read.target.parentSegment
    this.body = read.body
    this.startedMs = read.startedMs
    this.#search = read.target.search
    this.#response = response
  }

  /** The query, parsed when asked for. */
  get query(): URLSearchParams {
    return new URLSearchParams(this.#search)
  }

  /** The first value of a name in the query; what needs no decoding is read without parsing it all. */
  queryValue(name: string): string | undefined {
    const search = this.#search
    if (search.startsWith(name) && plainParameter.test(search) && search[name.length] === '=') {
      return search.slice(name.length + 1)
    }
    return this.query.get(name) ?? undefined
  }

  /**
   * Calls `done` when the answer was taken whole, or the client is gone: after `maxMs` at the latest, when
   * the connection is cut.
   */
  whenSent(maxMs: number, done: () => void): void {
    const response = this.#response
    if (response.destroyed) {
      done()
      return
    }
    const timer = setTimeout(() => response.destroy(), maxMs)
    timer.unref()
    response.once('close', () => {
      clearTimeout(timer)
      done()
    })
  }

  /** Aborted when the client goes away before the answer; made when asked for. */
  get signal(): AbortSignal {
    if (this.#signal !== undefined) return this.#signal
    const controller = new AbortController()
    this.#signal = controller.signal
    const response = this.#response
    if (response.destroyed) controller.abort()
    response.once('close', () => {
      if (!response.writableFinished) controller.abort()
    })
    return this.#signal
  }
}
