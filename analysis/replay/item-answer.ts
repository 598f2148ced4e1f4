/** The answer of one arm to an item. */
export interface ItemAnswer {
  /** Undefined for an error. */
  readonly predicted: string | undefined
  /** Undefined if a request had several items. */
  readonly latencyMs: number | undefined
  /** The score of the positive class; undefined if the prediction is a class. */
  readonly score?: number
}
