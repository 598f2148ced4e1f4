import type { Clock } from '../../service/kubernetes/clock.ts'
import { errorFields } from '../../service/log.ts'
import type { Logger } from '../../service/log.ts'
import type { Store } from './store.ts'

/** What is kept for how long, and what deletes it. */
export interface RetentionOptions {
  readonly store: Pick<Store, 'prune'>
  /** Forgets rollouts without activity since a time, in milliseconds since 1970. */
  readonly analyst: { dropSilent(beforeMs: number): void }
  readonly retentionMs: number
  readonly logger: Logger
  readonly clock: Pick<Clock, 'sleep'>
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

const calmMs = 60_000
/** The longest allowed analysis. */
const silenceMs = 90 * 86_400_000
/** Takes tens of milliseconds; hooks are answered between parts. About 35,000 predictions a second. */
const partPredictions = 5_000
const betweenPartsMs = 100

/**
 * Deletes predictions that are older than the retention, as fast as they can arrive, and rollouts without
 * activity for 90 days. A failure is logged and retried.
 *
 * @returns a function that stops it
 */
export function keepRetention(options: RetentionOptions): () => void {
  const { retentionMs, nowMs, clock } = options
  const end = new AbortController()
  const loop = async () => {
    for (;;) {
      const isMore = pruned(options, nowMs(), retentionMs) === partPredictions
      await clock.sleep(isMore ? betweenPartsMs : calmMs, end.signal)
      if (end.signal.aborted) return
    }
  }
  void loop()
  return () => {
    end.abort()
  }
}

function pruned(options: RetentionOptions, nowMs: number, retentionMs: number): number {
  const { store, analyst, logger } = options
  try {
    const arrived = { beforeMs: nowMs - retentionMs, afterMs: nowMs + retentionMs }
    const count = store.prune(arrived, partPredictions)
    if (count < partPredictions) analyst.dropSilent(nowMs - silenceMs)
    return count
  } catch (error) {
    logger.error('cannot delete old predictions and rollouts; retrying', errorFields(error))
    return 0
  }
}
