/** Returns why something is not ready, or undefined if it is. It is called often: no I/O. */
export type ReadinessCheck = () => string | undefined

/** The state of one check. */
export interface CheckState {
  readonly name: string
  /** Why it fails; undefined if it passes. */
  readonly reason: string | undefined
}

/** The named checks of a service; it is ready if all of them pass. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>()
  #stopReason: string | undefined

  /** Adds a check, or replaces the one with that name, such as `policies`. */
  add(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check)
  }

  /** Makes the service not ready for good, because it shuts down. */
  stop(reason: string): void {
    this.#stopReason = reason
  }

  /** The state of every check, in the order in which they were added; `shutdown` first once stopped. */
  states(): readonly CheckState[] {
    const states = [...this.#checks].map(([name, check]) => ({ name, reason: check() }))
    if (this.#stopReason === undefined) return states
    return [{ name: 'shutdown', reason: this.#stopReason }, ...states]
  }

  /** True if every check passes. */
  get isReady(): boolean {
    return this.states().every(state => state.reason === undefined)
  }
}
