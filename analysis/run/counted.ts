import type { ReadyCounter } from '../counter/update.ts'
import { counterName } from '../counter/counter.ts'
import type { Counter, LabelCounters } from '../counter/counter.ts'
import { CounterSeries } from '../counter/series.ts'
import type { CellHold } from '../counter/series.ts'
import type { Variant } from '../counter/outcome.ts'
import { noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { noDispersion } from '../statistics/sampling/dispersion.ts'
import type { DispersionSums } from '../statistics/sampling/dispersion.ts'
import { noLabelCoverage } from '../statistics/sampling/label-coverage.ts'
import type { LabelCoverage } from '../statistics/sampling/label-coverage.ts'
import type { LabelledCounts } from '../statistics/sampling/missing-labels.ts'

/** A counter of an analysis with what it has counted. */
export interface Counted {
  readonly ready: ReadyCounter
  readonly series: CounterSeries
  /** Of closed blocks. */
  primary: DispersionSums
  canary: DispersionSums
  /** Of closed blocks, where the counter is one of labels. */
  coverage: LabelCoverage
}

/** The counters of labels of one objective (see {@link LabelCounters}). */
export interface CountedLabels {
  readonly all: Counted
  readonly positive: Counted | undefined
  readonly isEitherBad: boolean
}

/** Returns a counter before its first event. */
export function nothingCounted(ready: ReadyCounter, history = noDispersion): Counted {
  return {
    ready,
    series: new CounterSeries(ready.grid),
    primary: history,
    canary: noDispersion,
    coverage: noLabelCoverage
  }
}

/** Finds the counters of labels by name. */
export function countedLabels(
  counters: LabelCounters | undefined,
  find: (name: string) => Counted | undefined
): CountedLabels | undefined {
  const named = (counter: Counter | undefined) => counter && find(counterName(counter))
  const all = named(counters?.all)
  return (
    all && { all, positive: named(counters?.positive), isEitherBad: counters?.isEitherBad === true }
  )
}

/**
 * Returns the counts of one arm with the labels that are missing. For recall those predicted positive can only
 * turn out good events, and the others only bad ones.
 *
 * @param own the counts of the objective's own counter
 * @param countsOf reads the same of a counter of labels
 */
export function labelledCounts(
  own: RateCounts,
  { all, positive, isEitherBad }: CountedLabels,
  countsOf: (counted: Counted) => RateCounts
): LabelledCounts {
  const missing = countsOf(all).bad
  if (positive === undefined) {
    return { labelled: own, missingGood: missing, missingBad: missing }
  }
  const missingGood = countsOf(positive).bad
  return { labelled: own, missingGood, missingBad: isEitherBad ? missing : missing - missingGood }
}

/** The counts of a variant at a time, and the blocks with events. */
export interface CountedTotals {
  readonly totals: (counted: Counted, variant: Variant) => RateCounts
  readonly intervals: (counted: Counted, variant: Variant) => number
}

/**
 * Reads totals at a time. What came early counts at once only in cells in which nothing is missing; the others wait
 * as a whole: for labels where no maturity is given, and for the responses to logged requests.
 */
export function totalsAt(
  nowMs: number,
  isMaturityGiven: boolean,
  labels: CountedLabels | undefined
): CountedTotals {
  const holdOf = (counted: Counted): CellHold => {
    const { series } = counted.ready.waitsForLabels && labels !== undefined ? labels.all : counted
    const isHolding = !counted.ready.waitsForLabels || !isMaturityGiven
    return (variant, cellMs) => isHolding && series.isWaiting(variant, cellMs, nowMs)
  }
  return {
    totals: (counted, variant) => counted.series.totals(variant, nowMs, holdOf(counted)),
    intervals: (counted, variant) => counted.series.intervals(variant, nowMs, holdOf(counted))
  }
}

/** Counts of no block. */
export const noBlock = { primary: noCounts, canary: noCounts }
