import type { Variant } from '../counter/outcome.ts'
import { variants } from '../counter/outcome.ts'
import type { PredictionBatch } from '../store/prediction-batch.ts'
import type { ArrivedPrediction } from '../store/store.ts'
import { asAlias, isOfLogger, noPrediction } from './join.ts'
import type { StoredPrediction } from './join.ts'
import type { Message } from './message.ts'
import { maxIdCharacters } from './own-event.ts'

/** A stored prediction that a message changes. */
export interface StoredRow {
  /** Under which it is stored. */
  readonly key: string
  readonly known: ArrivedPrediction | undefined
  /** What a new row starts with. */
  readonly initial: StoredPrediction
  /** What a row is stored as that is kept only in case that another ID is meant; undefined for others. */
  readonly alias: ((prediction: StoredPrediction) => StoredPrediction) | undefined
  /** Under which the other arm's prediction for the same request is stored; undefined if there is none. */
  readonly pairKey: string | undefined
}

type Rows = Pick<PredictionBatch, 'prediction' | 'markMirrored'>

/**
 * Returns the stored predictions that a message changes: usually one, found with one statement. Requests that are
 * mirrored have one ID in both arms; the second arm is stored under a key of its own, and a label goes to both.
 */
export function storedRows(store: Rows, rollout: number, message: Message): readonly StoredRow[] {
  const own = store.prediction(rollout, message.id)
  if (message.kind === 'feedback') return rowsOfLabel(store, rollout, message.id, own)
  const { variant } = message
  if (own === undefined || isFree(own.prediction, variant)) {
    return [row(message.id, own, otherKey(message.id, own))]
  }
  const key = mirroredKey(message.id, variant)
  const other = store.prediction(rollout, key)
  if (other !== undefined) return [row(key, other, message.id)]
  store.markMirrored(rollout, message.id)
  const { label, labelMs } = own.prediction
  return [{ ...row(key, undefined, message.id), initial: { ...noPrediction, label, labelMs } }]
}

function rowsOfLabel(
  store: Rows,
  rollout: number,
  id: string,
  own: ArrivedPrediction | undefined
): readonly StoredRow[] {
  if (own !== undefined) return withMirrored(store, rollout, id, own)
  if (!id.endsWith(firstInstance)) return [row(id, undefined)]
  const single = id.slice(0, -firstInstance.length)
  const known = store.prediction(rollout, single)
  if (known === undefined) {
    return [row(id, undefined), { ...row(single, undefined), alias: asAlias }]
  }
  return isOfLogger(known.prediction)
    ? withMirrored(store, rollout, single, known)
    : [row(id, undefined)]
}

const firstInstance = '/0'

function withMirrored(
  store: Rows,
  rollout: number,
  id: string,
  own: ArrivedPrediction
): readonly StoredRow[] {
  const key = otherKey(id, own)
  return key === undefined
    ? [row(id, own)]
    : [row(id, own, key), row(key, store.prediction(rollout, key), id)]
}

/** The key of the second arm of a mirrored request. */
function otherKey(id: string, own: ArrivedPrediction | undefined): string | undefined {
  if (own?.prediction.isMirrored !== true) return undefined
  const other = variants.find(each => each !== own.prediction.variant)
  return other && mirroredKey(id, other)
}

/** Returns the ID of a mirrored request by the key of its second arm; undefined for another key. */
export function mirroredId(key: string): string | undefined {
  const at = key.lastIndexOf(separator)
  return at === -1 || key.length <= maxIdCharacters ? undefined : key.slice(0, at)
}

/** No ID of an event has this form: see `maxIdCharacters`. */
function mirroredKey(id: string, variant: Variant): string {
  return `${id}${separator}${variant}${' '.repeat(maxIdCharacters)}`
}

function isFree({ variant }: StoredPrediction, wanted: Variant): boolean {
  return variant === null || variant === wanted
}

const separator = '\u0000'

function row(key: string, known: ArrivedPrediction | undefined, pairKey?: string): StoredRow {
  return { key, known, initial: noPrediction, alias: undefined, pairKey }
}
