import type { PredictionUpdate } from '../counter/update.ts'
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
 * The drift watches of all rollouts. Closed windows are durable; the events of a window that is open when the
 * service ends are lost.
 */
export class DriftWatches {
  readonly #store: Store
  readonly #byRollout = new Map<number, Watched>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Counts an update of a prediction, within a transaction. */
  take(rollout: LiveRollout, update: PredictionUpdate, nowMs: number): void {
    this.#watchOf(rollout)?.take(update, nowMs)
  }

  /** Closes the windows that are due, within a transaction. */
  advance(rollout: LiveRollout, nowMs: number): void {
    const watch = this.#watchOf(rollout)
    if (watch?.advance(nowMs) === true) {
      this.#store.putDrift(rollout.row.id, JSON.stringify(watch.state))
    }
  }

  views(rollout: LiveRollout): readonly DriftView[] {
    return this.#watchOf(rollout)?.views() ?? []
  }

  /** Clears the memory, so that the state is read from the store again. */
  forget(): void {
    this.#byRollout.clear()
  }

  /** Forgets one rollout. Its ID may be used for another one. */
  drop(rollout: number): void {
    this.#byRollout.delete(rollout)
  }

  /** Returns the watch of a rollout. A promotion changes the primary, so the watch starts anew. */
  #watchOf({ row, run }: LiveRollout): DriftWatch | undefined {
    if (run === undefined || run.analyses.length === 0) return undefined
    const known = this.#byRollout.get(row.id)
    const { endedMs, endedPhase } = run.row
    const promotedMs = endedPhase === 'Succeeded' ? (endedMs ?? 0) : 0
    const isCurrent = (sinceMs: number) => sinceMs >= promotedMs
    if (known?.run === run.row.id && isCurrent(known.watch.state.sinceMs)) return known.watch
    const stored = known?.watch.state ?? this.#stored(row.id)
    const state =
      stored !== undefined && isCurrent(stored.sinceMs)
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
