/** What a server may hold at once. */
export interface LoadLimits {
  /** Requests between their headers and their answer. */
  readonly maxRequests: number
  /** Bytes of request bodies held by all of them together. */
  readonly maxBodyBytes: number
}

/** Counts what a server holds, so that it refuses work in place of running out of memory. */
export class Load {
  readonly #limits: LoadLimits
  #requests = 0
  #bodyBytes = 0

  constructor(limits: LoadLimits) {
    this.#limits = limits
  }

  /** Requests between their headers and their answer. */
  get requests(): number {
    return this.#requests
  }

  /** Bytes of bodies held. */
  get bodyBytes(): number {
    return this.#bodyBytes
  }

  /** Takes a place for a request; false when there is none. */
  enter(): boolean {
    if (this.#requests >= this.#limits.maxRequests) return false
    this.#requests += 1
    return true
  }

  /** Gives the place back, with the bytes of its body. */
  leave(bodyBytes: number): void {
    this.#requests -= 1
    this.#bodyBytes -= bodyBytes
  }

  /** Takes room for bytes of a body; false when there is none. */
  reserve(bytes: number): boolean {
    if (this.#bodyBytes + bytes > this.#limits.maxBodyBytes) return false
    this.#bodyBytes += bytes
    return true
  }

  /** Gives room back. */
  release(bytes: number): void {
    this.#bodyBytes -= bytes
  }
}
