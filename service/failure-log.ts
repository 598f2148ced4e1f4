import type { LogFields } from './log.ts'

/** Logs a failure that is retried when it starts or changes, and not at every attempt. */
export class FailureLog {
  #last: string | undefined

  /** Calls `write` unless the last attempt failed with the same fields. */
  failed(fields: LogFields, write: (fields: LogFields) => void): void {
    const failure = JSON.stringify(fields)
    if (failure === this.#last) return
    this.#last = failure
    write(fields)
  }

  /** After a success the same failure is logged again. */
  succeeded(): void {
    this.#last = undefined
  }
}
