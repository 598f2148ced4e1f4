/** One answered, refused or abandoned request. */
export interface RequestRecord {
  /** The pattern of the route, or `none` where none matched: few values, fit for a metric's label. */
  readonly route: string
  /** The status answered; 499 when the client went away first. */
  readonly status: number
  readonly durationMs: number
}

/** What a server tells about its work. It is called on every request: keep it short. */
export interface ServerObserver {
  request(record: RequestRecord): void
  /** A handshake failed; `code` is OpenSSL's or Node's name for why. */
  handshakeFailed(code: string): void
  /** A connection could not be taken; `code` is the system's, `EMFILE` where no file is left. */
  acceptFailed(code: string): void
  /** A handler threw: a defect of ours, answered 500. */
  defect(route: string, error: unknown): void
}

/** An observer that watches nothing. */
export const silentObserver: ServerObserver = {
  request: () => undefined,
  handshakeFailed: () => undefined,
  acceptFailed: () => undefined,
  defect: () => undefined
}
