import type { ClusterChange } from '../counter/cluster-book.ts'
import { variants } from '../counter/outcome.ts'
import type { Variant } from '../counter/outcome.ts'
import type { CellChange } from '../counter/series.ts'
import type { LatencyChange, Occurrence, Store, StoredChange } from './store.ts'

type Counted = Pick<Store, 'addChange' | 'addClusterChange' | 'putRanked'>
type Changes = Counted & Pick<Store, 'addLatency' | 'addOccurrence'>

/** Sums changes of the same counts, so that a batch of events writes each count once. */
export class ChangeBatch implements Changes {
  readonly #changes = new Map<number, Map<string, CellsOfArms>>()
  readonly #clusters = new Map<string, { readonly analysis: number; change: ClusterChange }>()
  readonly #ranked = new Map<string, Parameters<Store['putRanked']>>()
  readonly #latencies = new Map<string, LatencyChange>()
  readonly #occurrences = new Map<string, Parameters<Store['addOccurrence']>>()

  addChange({ analysis, counter, change }: StoredChange): void {
    const { cellMs, countsFromMs } = change
    const counters = entryOf(this.#changes, analysis, newCounters)
    const cells = entryOf(counters, counter, newCells)[change.variant]
    const sums = entryOf(cells, cellMs, newSums)
    const known = sums.find(sum => sum.change.countsFromMs === countsFromMs)
    if (known === undefined) sums.push({ analysis, counter, change: { ...change } })
    else addTo(known.change, change)
  }

  addClusterChange(analysis: number, change: ClusterChange): void {
    const { variant, blockMs, cluster = '', counter } = change
    const key = `${analysis} ${blockMs} ${variant} ${cluster} ${counter}`
    const known = this.#clusters.get(key)
    if (known === undefined) this.#clusters.set(key, { analysis, change })
    else {
      const { events, bad } = known.change
      known.change = { ...change, events: events + change.events, bad: bad + change.bad }
    }
  }

  putRanked(...[analysis, event]: Parameters<Store['putRanked']>): void {
    this.#ranked.set(`${analysis} ${event.blockMs} ${event.key}`, [analysis, event])
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

  /**
   * Writes the sums. What a later message of the batch took back is not written.
   *
   * @param counted gets those of counters
   */
  write(store: Changes, counted: Counted = store): void {
    for (const counters of this.#changes.values()) {
      for (const arms of counters.values()) {
        for (const variant of variants) writeCells(arms[variant], counted)
      }
    }
    for (const { analysis, change } of this.#clusters.values()) {
      counted.addClusterChange(analysis, change)
    }
    for (const ranked of this.#ranked.values()) counted.putRanked(...ranked)
    for (const change of this.#latencies.values()) store.addLatency(change)
    for (const [rollout, what, count] of this.#occurrences.values()) {
      if (count !== 0) store.addOccurrence(rollout, what, count)
    }
  }
}

type MutableChange = { -readonly [Key in keyof CellChange]: CellChange[Key] }

interface Sum extends StoredChange {
  readonly change: MutableChange
}

type Cells = Map<number, Sum[]>
type CellsOfArms = Readonly<Record<Variant, Cells>>

const newCounters = () => new Map<string, CellsOfArms>()
const newCells = (): CellsOfArms => ({ primary: new Map(), canary: new Map() })
const newSums = (): Sum[] => []

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const created = create()
  map.set(key, created)
  return created
}

function writeCells(cells: Cells, store: Counted): void {
  for (const sums of cells.values()) {
    for (const sum of sums) if (!isNothing(sum.change)) store.addChange(sum)
  }
}

function addTo(sum: MutableChange, change: CellChange): void {
  sum.events += change.events
  sum.bad += change.bad
  sum.onTimeEvents += change.onTimeEvents
  sum.onTimeBad += change.onTimeBad
}

function isNothing({ events, bad, onTimeEvents, onTimeBad }: CellChange): boolean {
  return events === 0 && bad === 0 && onTimeEvents === 0 && onTimeBad === 0
}
