/** When a prediction and its label came, in milliseconds since 1970. */
export interface LabelTimes {
  readonly predictedAtMs: number
  /** When the first label came; undefined if there is none. */
  readonly labelledAtMs?: number | undefined
}

/**
 * Returns what a prediction counts as at `nowMs`. It waits until it is `windowMs` old, because wrong
 * predictions are often labelled sooner than correct ones. A window of 0 counts each label when it comes.
 * Derivation: docs/statistics/sampling.md#labels-and-maturity.
 */
export function maturityOf(
  { predictedAtMs, labelledAtMs }: LabelTimes,
  windowMs: number,
  nowMs: number
): 'waiting' | 'labelled' | 'unlabelled' {
  const isKnown = labelledAtMs !== undefined && labelledAtMs <= nowMs
  if (windowMs === 0) return isKnown ? 'labelled' : 'waiting'
  const matureAtMs = predictedAtMs + windowMs
  if (nowMs < matureAtMs) return 'waiting'
  return isKnown && labelledAtMs <= matureAtMs ? 'labelled' : 'unlabelled'
}
