import { setTimeout as sleep } from 'node:timers/promises'

/** What to wait for, and how long. */
export interface EventuallyOptions {
  readonly what: string
  readonly timeoutMs?: number
  readonly everyMs?: number
  /** Default true: an error means "not yet". The message has the last one. */
  readonly retryErrors?: boolean
}

/**
 * Polls until `ask` returns a value.
 *
 * @throws {Error} after the timeout, with `what` and the last error
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
      throw new Error(`timed out after ${timeoutMs / 1_000} s: ${what}${because}`)
    }
    await sleep(everyMs)
  }
}

/**
 * Checks repeatedly for some time that nothing changes: the clock of external programs cannot be advanced.
 *
 * @throws what the check throws, at once
 */
export async function stays(check: () => Promise<void>, forMs = 2_000): Promise<void> {
  const endMs = performance.now() + forMs
  do {
    await check()
    await sleep(stayEveryMs)
  } while (performance.now() < endMs)
  await check()
}

const stayEveryMs = 100
