/** An event with the score that it got before its label was known. */
export interface ScoredEvent {
  readonly score: number
  readonly isPositive: boolean
}

/** An area under the curve, and how each event moves it. */
export interface AreaUnderCurve {
  /** The probability that a positive has a higher score than a negative, ties half. */
  readonly area: number
  /** By event, in the order given; their sum is 0. */
  readonly influences: readonly number[]
  readonly positives: number
  readonly negatives: number
}

/**
 * Returns the area under the ROC curve with the influence of each event (DeLong, DeLong and Clarke-Pearson 1988;
 * ranks as in Sun and Xu 2014). Undefined without a positive or a negative.
 * Derivation: docs/statistics/fixed.md#large-samples.
 */
export function areaUnderCurve(events: readonly ScoredEvent[]): AreaUnderCurve | undefined {
  const positives = events.filter(({ isPositive }) => isPositive).length
  const negatives = events.length - positives
  if (positives === 0 || negatives === 0) return undefined
  const shares = sharesBelow(events)
  const area =
    events.reduce((sum, { isPositive }, at) => sum + (isPositive ? (shares[at] ?? 0) : 0), 0) /
    positives
  const influences = events.map(({ isPositive }, at) => {
    const share = shares[at] ?? 0
    return isPositive ? (share - area) / positives : (1 - share - area) / negatives
  })
  return { area, influences, positives, negatives }
}

/** Of each event the share of the other kind with a lower score, ties half. */
function sharesBelow(events: readonly ScoredEvent[]): readonly number[] {
  const positives = sorted(events.filter(({ isPositive }) => isPositive))
  const negatives = sorted(events.filter(({ isPositive }) => !isPositive))
  return events.map(({ score, isPositive }) => {
    const others = isPositive ? negatives : positives
    const below = countBelow(others, other => other < score)
    const upTo = countBelow(others, other => other <= score)
    return (below + upTo) / 2 / others.length
  })
}

function sorted(events: readonly ScoredEvent[]): Float64Array {
  return Float64Array.from(events, ({ score }) => score).sort()
}

/** The number of leading values that `isBelow`, by binary search. */
function countBelow(values: Float64Array, isBelow: (value: number) => boolean): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBelow(values[middle] ?? 0)) low = middle + 1
    else high = middle
  }
  return low
}
