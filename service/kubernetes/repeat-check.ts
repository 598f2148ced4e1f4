import type { AccessCheck } from './access.ts'
import type { Clock } from './clock.ts'

const calmMs = 600_000
const lackingMs = 10_000

/**
 * Checks permissions at once, every ten seconds while something lacks, and then every ten minutes.
 *
 * @returns what ends it
 */
export function repeatCheck(
  check: AccessCheck,
  clock: Pick<Clock, 'sleep' | 'random'>
): () => void {
  const end = new AbortController()
  const loop = async () => {
    while (!end.signal.aborted) {
      const isFine = await check.check()
      await clock.sleep((isFine ? calmMs : lackingMs) * (0.8 + clock.random() * 0.4), end.signal)
    }
  }
  void loop()
  return () => {
    end.abort()
  }
}
