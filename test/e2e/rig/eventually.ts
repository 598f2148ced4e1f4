import { setTimeout as sleep } from 'node:timers/promises'

/** How long something is waited for. */
export interface EventuallyOptions {
  readonly what: string
  readonly timeoutMs?: number
  readonly everyMs?: number
  /** Default true: an error is one more "not yet", and the last one is told. */
  readonly retryErrors?: boolean
}

/**
 * Asks again and again until there is an answer.
 *
 * @throws {Error} after the time-out, which says what was waited for and why it was not there
 */
export async function eventually<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  { what, timeoutMs = 120_000, everyMs = 100, retryErrors = true }: EventuallyOptions
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      last = undefined
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      if (!retryErrors) throw error
      last = error
    }
    if (Date.now() > deadlineMs) {
      const because = last instanceof Error ? `: ${last.message}` : ''
      throw new Error(`after ${timeoutMs / 1_000} s still not: ${what}${because}`)
    }
    await sleep(everyMs)
  }
}
