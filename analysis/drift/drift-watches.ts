import type { PredictionUpdate } from '../counter/changes.ts'
import type { LiveRollout } from '../run/rollouts.ts'
import type { Store } from '../store/store.ts'
import type { DriftView } from './drift-view.ts'
import { DriftWatch } from './drift-watch.ts'
import type { StoredDrift } from './drift-watch.ts'

interface Watched {
  readonly watch: DriftWatch
  /** The run by whose objectives it watches. */
  readonly run: number
}

/**
 * The drift of every rollout's primary. Closed windows are durable; of a window that was open when the
 * service ended, what came before is forgotten.
 */
export class DriftWatches {
  readonly #store: Store
  readonly #byRollout = new Map<number, Watched>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Counts what became known of a prediction; within a transaction. */
  take(rollout: LiveRollout, update: PredictionUpdate, nowMs: number): void {
    this.#watchOf(rollout)?.take(update, nowMs)
  }

  /** Closes the windows whose time has come; within a transaction. */
  advance(rollout: LiveRollout, nowMs: number): void {
    const watch = this.#watchOf(rollout)
    if (watch?.advance(nowMs) === true) {
      this.#store.putDrift(rollout.row.id, JSON.stringify(watch.state))
    }
  }

  views(rollout: LiveRollout): readonly DriftView[] {
    return this.#watchOf(rollout)?.views() ?? []
  }

  /** Forgets what is in memory, so that it is read again. */
  forget(): void {
    this.#byRollout.clear()
  }

  /** Forgets one rollout, whose id may become another's. */
  drop(rollout: number): void {
    this.#byRollout.delete(rollout)
  }

  /** A run that was promoted makes another model the primary, of which nothing is known yet. */
  #watchOf({ row, run }: LiveRollout): DriftWatch | undefined {
    if (run === undefined || run.analyses.length === 0) return undefined
    const known = this.#byRollout.get(row.id)
    const { endedMs, endedPhase } = run.row
    const promotedMs = endedPhase === 'Succeeded' ? (endedMs ?? 0) : 0
    const isOfNow = (sinceMs: number) => sinceMs >= promotedMs
    if (known?.run === run.row.id && isOfNow(known.watch.state.sinceMs)) return known.watch
    const stored = known?.watch.state ?? this.#stored(row.id)
    const state =
      stored !== undefined && isOfNow(stored.sinceMs)
        ? stored
        : { sinceMs: promotedMs, rates: {}, distributions: {} }
    const analyses = run.analyses.map(live => live.state.analysis)
    const watch = new DriftWatch(analyses, state)
    this.#byRollout.set(row.id, { watch, run: run.row.id })
    return watch
  }

  #stored(rollout: number): StoredDrift | undefined {
    const text = this.#store.drift(rollout)
    return text === undefined ? undefined : (JSON.parse(text) as StoredDrift)
  }
}
