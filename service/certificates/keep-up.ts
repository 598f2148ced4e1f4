import type { Clock } from '../kubernetes/clock.ts'
import type { CertificateManager } from './certificate-manager.ts'

const calmMs = 30_000
const failedMs = 5_000

/**
 * Calls `tick` of a manager twice a minute, and every few seconds while it fails. Resolves after the first
 * call, even if it failed.
 *
 * @returns a function that stops it
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

/** Reads the signal again: it may have changed during an await. */
function isEnded(signal: AbortSignal): boolean {
  return signal.aborted
}
