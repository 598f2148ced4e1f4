import type { StoredPrediction } from '../event/join.ts'
import type { ArrivedPrediction, KeptPrediction, Store } from './store.ts'

type Predictions = Pick<
  Store,
  'prediction' | 'predictionsOf' | 'addPrediction' | 'updatePrediction' | 'putLabel'
>

/** Fewer are found faster one by one. */
const fewestTogether = 4
/** SQLite reads other texts from JSON differently than it stores them. */
const plainId = /^[ -~]*$/

interface Entry {
  readonly rollout: number
  readonly id: string
  /** The row of the store; undefined if the store has none. */
  readonly n: number | undefined
  arrived: ArrivedPrediction | undefined
  /** What of a row of the store has to be written. */
  change: 'none' | 'label' | 'whole'
}

/**
 * The predictions of one batch of messages: each is read once and written once, although a request and its response,
 * or a prediction and its label, often come together.
 */
export class PredictionBatch {
  readonly #store: Predictions
  /** By rollout and ID: joining the two into one key costs more than two maps. */
  readonly #byRollout = new Map<number, Map<string, Entry>>()
  /** In the order in which predictions were first named. */
  readonly #entries: Entry[] = []

  constructor(store: Predictions) {
    this.#store = store
  }

  /** Reads the predictions of a rollout that messages of the batch name, together. */
  load(rollout: number, ids: readonly string[]): void {
    const plain = ids.filter(id => plainId.test(id))
    if (plain.length < fewestTogether) return
    const entries = this.#entriesOf(rollout)
    const found = this.#store.predictionsOf(rollout, plain)
    for (const id of plain) {
      if (!entries.has(id)) this.#add(entries, { rollout, id }, found.get(id))
    }
  }

  prediction(rollout: number, id: string): ArrivedPrediction | undefined {
    return this.#entry(rollout, id).arrived
  }

  /** @param isLabel whether only the label differs from what was there */
  put(rollout: number, id: string, arrived: ArrivedPrediction, isLabel: boolean): void {
    const entry = this.#entry(rollout, id)
    entry.arrived = arrived
    if (!isLabel) entry.change = 'whole'
    else if (entry.change === 'none') entry.change = 'label'
  }

  /** Notes that the other arm has a prediction with this ID too. */
  markMirrored(rollout: number, id: string): void {
    const entry = this.#entry(rollout, id)
    if (entry.arrived === undefined) return
    const prediction: StoredPrediction = { ...entry.arrived.prediction, isMirrored: true }
    this.put(rollout, id, { prediction, arrivedMs: entry.arrived.arrivedMs }, false)
  }

  /** Writes what changed. */
  write(): void {
    for (const { rollout, id, n, arrived, change } of this.#entries) {
      if (change === 'none' || arrived === undefined) continue
      if (n === undefined) this.#store.addPrediction(rollout, id, arrived)
      else if (change === 'label') this.#store.putLabel(n, arrived.prediction)
      else this.#store.updatePrediction(n, arrived)
    }
  }

  #entry(rollout: number, id: string): Entry {
    const entries = this.#entriesOf(rollout)
    const known = entries.get(id)
    if (known !== undefined) return known
    return this.#add(entries, { rollout, id }, this.#store.prediction(rollout, id))
  }

  #add(
    entries: Map<string, Entry>,
    { rollout, id }: Pick<Entry, 'rollout' | 'id'>,
    kept: KeptPrediction | undefined
  ): Entry {
    const entry: Entry = { rollout, id, n: kept?.n, arrived: kept, change: 'none' }
    entries.set(id, entry)
    this.#entries.push(entry)
    return entry
  }

  #entriesOf(rollout: number): Map<string, Entry> {
    const known = this.#byRollout.get(rollout)
    if (known !== undefined) return known
    const created = new Map<string, Entry>()
    this.#byRollout.set(rollout, created)
    return created
  }
}
