import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What comes of work that may hang.
 *
 * @throws {Error} after the limit; the work itself goes on
 */
export async function bounded<T>(work: Promise<T>, limitMs: number, what: string): Promise<T> {
  const timer = new AbortController()
  const limit = sleep(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`after ${limitMs / 1_000} s still not: ${what}`)
  })
  limit.catch(() => undefined)
  try {
    return await Promise.race([work, limit])
  } finally {
    timer.abort()
  }
}
