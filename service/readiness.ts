/** Says why something is not ready, or undefined when it is. It is called often: no waiting, no I/O. */
export type ReadinessCheck = () => string | undefined

/** The state of one check. */
export interface CheckState {
  readonly name: string
  /** Why it fails, or undefined when it passes. */
  readonly reason: string | undefined
}

/** The named checks that together say whether a service can do its work now. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>()
  #stopReason: string | undefined

  /** Adds a check, or replaces the one of that name. `name` is a word, such as `policies`. */
  add(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check)
  }

  /** Not ready from now on, whatever the checks say: the service is going away. */
  stop(reason: string): void {
    this.#stopReason = reason
  }

  /** Every check's state, in the order in which they were added; `shutdown` comes first once stopped. */
  states(): readonly CheckState[] {
    const states = [...this.#checks].map(([name, check]) => ({ name, reason: check() }))
    if (this.#stopReason === undefined) return states
    return [{ name: 'shutdown', reason: this.#stopReason }, ...states]
  }

  /** True when no check fails. */
  get isReady(): boolean {
    return this.states().every(state => state.reason === undefined)
  }
}
