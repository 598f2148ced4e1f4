import type { Clock } from '../../../service/kubernetes/clock.ts'
import { errorFields } from '../../../service/log.ts'
import type { Logger } from '../../../service/log.ts'
import type { ArtifactStore } from './artifact-store.ts'

const collectMs = 60_000
/** Longer than kustomize-controller tries a download for (three and a half minutes). */
const keepUnusedMs = 600_000

/**
 * Removes files that nothing publishes, again and again. A disk that fails is told of in the log.
 *
 * @param inUse digests of what is published; undefined while that is not known
 * @returns what ends it
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
        logger.warn('the store of artifacts cannot be tidied up', errorFields(error))
      }
    }
  }
  void loop()
  return () => {
    end.abort()
  }
}
