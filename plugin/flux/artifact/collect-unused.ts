import type { Clock } from '../../../service/kubernetes/clock.ts'
import { errorFields } from '../../../service/log.ts'
import type { Logger } from '../../../service/log.ts'
import type { ArtifactStore } from './artifact-store.ts'

const collectMs = 60_000
/** Longer than kustomize-controller retries a download (three and a half minutes). */
const keepUnusedMs = 600_000

/**
 * Removes unused artifacts every minute. Errors of the disk are logged.
 *
 * @param inUse returns the digests of all publications; undefined while they are not known
 * @returns a function that stops it
 */
export function collectUnused(
  store: ArtifactStore,
  { clock, logger }: { readonly clock: Pick<Clock, 'sleep'>; readonly logger: Logger },
  inUse: () => readonly string[] | undefined
): () => void {
  const end = new AbortController()
  const loop = async () => {
    for (;;) {
      await clock.sleep(collectMs, end.signal)
      if (end.signal.aborted) return
      try {
        const digests = inUse()
        if (digests !== undefined) store.collect(digests, keepUnusedMs)
      } catch (error) {
        logger.warn('cannot remove unused artifacts', errorFields(error))
      }
    }
  }
  void loop()
  return () => {
    end.abort()
  }
}
