/** The capacity of a server. */
export interface LoadLimits {
  /** In-flight requests. */
  readonly maxRequests: number
  /** Bytes of all request bodies in memory together. */
  readonly maxBodyBytes: number
}

/** Counts what a server holds, so that it refuses requests instead of running out of memory. */
export class Load {
  readonly #limits: LoadLimits
  #requests = 0
  #bodyBytes = 0

  constructor(limits: LoadLimits) {
    this.#limits = limits
  }

  /** In-flight requests: between their headers and their answer. */
  get requests(): number {
    return this.#requests
  }

  /** Bytes of request bodies in memory. */
  get bodyBytes(): number {
    return this.#bodyBytes
  }

  /** Counts a request; false if there is no capacity for it. */
  enter(): boolean {
    if (this.#requests >= this.#limits.maxRequests) return false
    this.#requests += 1
    return true
  }

  /** Releases a request and the bytes of its body. */
  leave(bodyBytes: number): void {
    this.#requests -= 1
    this.#bodyBytes -= bodyBytes
  }

  /** Counts bytes of a body; false if there is no capacity for them. */
  reserve(bytes: number): boolean {
    if (this.#bodyBytes + bytes > this.#limits.maxBodyBytes) return false
    this.#bodyBytes += bytes
    return true
  }

  /** Releases bytes of a body. */
  release(bytes: number): void {
    this.#bodyBytes -= bytes
  }
}
