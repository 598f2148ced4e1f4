import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits for work that may hang, and returns its result.
 *
 * @throws {Error} after the limit; the work itself keeps running
 */
export async function bounded<T>(work: Promise<T>, limitMs: number, what: string): Promise<T> {
  const timer = new AbortController()
  const limit = sleep(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`timed out after ${limitMs / 1_000} s: ${what}`)
  })
  limit.catch(() => undefined)
  try {
    return await Promise.race([work, limit])
  } finally {
    timer.abort()
  }
}
