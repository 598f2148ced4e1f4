/** A prediction and its label in time, in milliseconds of event time. */
export interface LabelTimes {
  readonly predictedAtMs: number
  /** When the first label arrived; undefined when none did. */
  readonly labelledAtMs?: number | undefined
}

/**
 * What a prediction counts as. Wrong predictions are often labelled sooner than right ones; scored as
 * labels arrive, a good model looks bad. So a prediction waits until it is `windowMs` old, and counts
 * as labelled if its label came by then. A window of 0 counts each label when it arrives.
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
