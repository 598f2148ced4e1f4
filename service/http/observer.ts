/** One answered, refused or abandoned request. */
export interface RequestRecord {
  /** The path of the route with `*` for parameters, or `none` if no route matches: a metric's label. */
  readonly route: string
  /** The status of the answer; 499 if the client went away first. */
  readonly status: number
  readonly durationMs: number
}

/** Observes a server. It is called on every request: keep it fast. */
export interface ServerObserver {
  request(record: RequestRecord): void
  /** A TLS handshake failed; `code` is the reason in the words of OpenSSL or Node. */
  handshakeFailed(code: string): void
  /** A connection could not be accepted; `code` is the system's, such as `EMFILE`: too many open files. */
  acceptFailed(code: string): void
  /** A handler threw, which is a bug and answered 500. */
  internalError(route: string, error: unknown): void
}

/** An observer that does nothing. */
export const silentObserver: ServerObserver = {
  request: () => undefined,
  handshakeFailed: () => undefined,
  acceptFailed: () => undefined,
  internalError: () => undefined
}
