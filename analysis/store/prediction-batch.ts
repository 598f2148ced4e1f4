import type { StoredPrediction } from '../event/join.ts'
import type { ArrivedPrediction, Store } from './store.ts'

type Predictions = Pick<Store, 'prediction' | 'putPrediction' | 'putLabel' | 'markMirrored'>

interface Entry {
  readonly rollout: number
  readonly id: string
  /** Undefined if the store has none. */
  arrived: ArrivedPrediction | undefined
  /** What has to be written. */
  change: 'none' | 'label' | 'whole' | 'new'
}

/**
 * The predictions of one batch of messages: each is read once and written once, although a request and its response,
 * or a prediction and its label, often come together.
 */
export class PredictionBatch implements Predictions {
  readonly #store: Predictions
  readonly #entries = new Map<string, Entry>()
  readonly #mirrored: Entry[] = []

  constructor(store: Predictions) {
    this.#store = store
  }

  prediction(rollout: number, id: string): ArrivedPrediction | undefined {
    return this.#entry(rollout, id).arrived
  }

  putPrediction(
    rollout: number,
    id: string,
    { prediction, isNew, arrivedMs }: Parameters<Store['putPrediction']>[2]
  ): void {
    const entry = this.#entry(rollout, id)
    entry.arrived = { prediction, arrivedMs }
    if (entry.change !== 'new') entry.change = isNew ? 'new' : 'whole'
  }

  putLabel(
    rollout: number,
    id: string,
    { label, labelMs }: Pick<StoredPrediction, 'label' | 'labelMs'>
  ): void {
    const entry = this.#entry(rollout, id)
    if (entry.arrived === undefined) return
    const { prediction, arrivedMs } = entry.arrived
    entry.arrived = { prediction: { ...prediction, label, labelMs }, arrivedMs }
    if (entry.change === 'none') entry.change = 'label'
  }

  markMirrored(rollout: number, id: string): void {
    const entry = this.#entry(rollout, id)
    if (entry.arrived === undefined) return
    const { prediction, arrivedMs } = entry.arrived
    entry.arrived = { prediction: { ...prediction, isMirrored: true }, arrivedMs }
    this.#mirrored.push(entry)
  }

  /** Writes what changed, in the order in which predictions were first named. */
  write(): void {
    for (const { rollout, id, arrived, change } of this.#entries.values()) {
      if (change === 'none' || arrived === undefined) continue
      const { prediction, arrivedMs } = arrived
      if (change === 'label') this.#store.putLabel(rollout, id, prediction)
      else
        this.#store.putPrediction(rollout, id, { prediction, isNew: change === 'new', arrivedMs })
    }
    for (const { rollout, id } of this.#mirrored) this.#store.markMirrored(rollout, id)
  }

  #entry(rollout: number, id: string): Entry {
    const key = `${rollout} ${id}`
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const arrived = this.#store.prediction(rollout, id)
    const entry: Entry = { rollout, id, arrived, change: 'none' }
    this.#entries.set(key, entry)
    return entry
  }
}
