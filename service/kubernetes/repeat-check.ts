import type { AccessCheck } from './access.ts'
import type { Clock } from './clock.ts'

const calmMs = 600_000
const missingMs = 10_000

/**
 * Checks permissions at once, every ten seconds while one is missing, and then every ten minutes.
 *
 * @returns a function that ends the checks
 */
export function repeatCheck(
  check: Pick<AccessCheck, 'check'>,
  clock: Pick<Clock, 'sleep' | 'random'>
): () => void {
  const end = new AbortController()
  const loop = async () => {
    while (!end.signal.aborted) {
      const isFine = await check.check()
      await clock.sleep((isFine ? calmMs : missingMs) * (0.8 + clock.random() * 0.4), end.signal)
    }
  }
  void loop()
  return () => {
    end.abort()
  }
}
