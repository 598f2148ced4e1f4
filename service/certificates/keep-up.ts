import type { Clock } from '../kubernetes/clock.ts'
import type { CertificateManager } from './certificate-manager.ts'

const calmMs = 30_000
const failedMs = 5_000

/**
 * Ticks a manager twice a minute, and every few seconds while it fails. Resolves after the first tick,
 * however it went.
 *
 * @returns what ends it
 */
export async function keepUp(
  manager: Pick<CertificateManager, 'tick'>,
  clock: Pick<Clock, 'sleep' | 'random'>
): Promise<() => void> {
  const end = new AbortController()
  let isFine = await manager.tick()
  const loop = async () => {
    while (!end.signal.aborted) {
      await clock.sleep((isFine ? calmMs : failedMs) * (0.8 + clock.random() * 0.4), end.signal)
      if (!isEnded(end.signal)) isFine = await manager.tick()
    }
  }
  void loop()
  return () => {
    end.abort()
  }
}

/** Read anew: it may have changed while something was awaited. */
function isEnded(signal: AbortSignal): boolean {
  return signal.aborted
}
