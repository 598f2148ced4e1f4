import type { Analysis } from '../settings/analysis.ts'
import { counterName, isBad, waitsForLabels } from './counter.ts'
import type { Counter, CountingRules } from './counter.ts'
import { blockClosesMs, cellDueMs, cellStart, gridOf } from './grid.ts'
import type { Grid } from './grid.ts'
import type { Outcome } from './outcome.ts'
import type { CellChange } from './series.ts'

/** A counter with its name and grid. */
export interface ReadyCounter {
  readonly counter: Counter
  readonly name: string
  readonly grid: Grid
  readonly waitsForLabels: boolean
}

/** Returns the counters of an analysis with their names and grids. */
export function readyCounters(
  counters: readonly Counter[],
  analysis: Analysis
): readonly ReadyCounter[] {
  return counters.map(counter => ({
    counter,
    name: counterName(counter),
    grid: gridOf(counter, analysis),
    waitsForLabels: waitsForLabels(counter)
  }))
}

/** A prediction before and after a message. */
export interface PredictionUpdate {
  /** Undefined for a new prediction. */
  readonly before: Outcome | undefined
  readonly after: Outcome
  /** When the first message of the prediction arrived, in milliseconds since 1970. */
  readonly firstMs: number
}

/** How an update changes a counter. */
export interface CounterChange {
  /** Undefined if nothing changes. */
  readonly change: CellChange | undefined
  /** Whether a part came too late to count. */
  readonly isLate: boolean
}

const nothingLate: CounterChange = { change: undefined, isLate: false }

/**
 * Returns how a counter's cells change with an update that arrived at `nowMs`. A label that comes after its
 * cell is due changes nothing. How maturity works: docs/statistics/sampling.md#labels-and-maturity.
 *
 * @param at if `isMaturityGiven` is false, a label that came with its prediction does not wait
 */
export function changeOf(
  ready: ReadyCounter,
  update: PredictionUpdate,
  at: { readonly rules: CountingRules; readonly nowMs: number; readonly isMaturityGiven: boolean }
): CounterChange {
  const { counter, grid } = ready
  const { before, after } = update
  if (isLabelLate(ready, update, at.nowMs)) return { ...nothingLate, isLate: true }
  const was = before === undefined ? undefined : isBad(counter, before, at.rules)
  const is = isBad(counter, after, at.rules)
  const events = count(is !== undefined) - count(was !== undefined)
  const bad = count(is === true) - count(was === true)
  if (events === 0 && bad === 0) return nothingLate
  const isOnTime = at.nowMs < blockClosesMs(grid, after.timeMs)
  const cameTogether = before === undefined && after.label !== undefined
  const isWaiting = ready.waitsForLabels && grid.waitMs > 0 && (at.isMaturityGiven || !cameTogether)
  const change = {
    variant: after.variant,
    cellMs: cellStart(grid, after.timeMs),
    countsFromMs: isWaiting ? cellDueMs(grid, after.timeMs) : 0,
    events,
    bad,
    onTimeEvents: isOnTime ? events : 0,
    onTimeBad: isOnTime ? bad : 0
  }
  return { change, isLate: !isOnTime }
}

/**
 * With a maturity of 0 a label is never late: until it comes, its prediction counts as one without a label. A
 * label that arrives at the same time as its prediction is not late either: the prediction is.
 */
function isLabelLate(
  { grid, waitsForLabels }: ReadyCounter,
  { before, after, firstMs }: PredictionUpdate,
  nowMs: number
): boolean {
  if (!waitsForLabels || before === undefined || before.label === after.label) return false
  return grid.waitMs > 0 && nowMs >= cellDueMs(grid, after.timeMs) && nowMs !== firstMs
}

function count(is: boolean): number {
  return is ? 1 : 0
}
