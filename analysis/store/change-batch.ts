import type { CellChange } from '../counter/series.ts'
import type { LatencyChange, Occurrence, Store, StoredChange } from './store.ts'

type Changes = Pick<Store, 'addChange' | 'addLatency' | 'addOccurrence'>

/** Sums changes of the same counts, so that a batch of events writes each count once. */
export class ChangeBatch implements Changes {
  readonly #changes = new Map<string, StoredChange>()
  readonly #latencies = new Map<string, LatencyChange>()
  readonly #occurrences = new Map<string, Parameters<Store['addOccurrence']>>()

  addChange(stored: StoredChange): void {
    const { analysis, counter, change } = stored
    const { variant, cellMs, countsFromMs } = change
    const key = `${analysis} ${counter} ${variant} ${cellMs} ${countsFromMs}`
    const known = this.#changes.get(key)
    this.#changes.set(
      key,
      known === undefined ? stored : { ...stored, change: sum(known.change, change) }
    )
  }

  addLatency(change: LatencyChange): void {
    const key = `${change.run} ${change.variant} ${change.bucket}`
    const count = (this.#latencies.get(key)?.count ?? 0) + change.count
    this.#latencies.set(key, { ...change, count })
  }

  addOccurrence(rollout: number, what: Occurrence, count: number): void {
    const key = `${rollout} ${what}`
    this.#occurrences.set(key, [rollout, what, (this.#occurrences.get(key)?.[2] ?? 0) + count])
  }

  /** Writes the sums. */
  write(store: Changes): void {
    for (const change of this.#changes.values()) store.addChange(change)
    for (const change of this.#latencies.values()) store.addLatency(change)
    for (const occurrence of this.#occurrences.values()) store.addOccurrence(...occurrence)
  }
}

function sum(one: CellChange, other: CellChange): CellChange {
  return {
    ...one,
    events: one.events + other.events,
    bad: one.bad + other.bad,
    onTimeEvents: one.onTimeEvents + other.onTimeEvents,
    onTimeBad: one.onTimeBad + other.onTimeBad
  }
}
