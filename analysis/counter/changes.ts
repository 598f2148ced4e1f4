import type { Analysis } from '../settings/analysis.ts'
import { counterName, isBad, waitsForLabels } from './counter.ts'
import type { Counter, CountingRules } from './counter.ts'
import { blockClosesMs, cellStart, gridOf } from './grid.ts'
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
  /** Whether the prediction and its label came in one message. */
  readonly cameTogether: boolean
}

/**
 * Returns how a counter's cells change with an update that arrived at `nowMs`; undefined if they do not.
 * How maturity works: docs/statistics/sampling.md#labels-and-maturity.
 *
 * @param at if `isMaturityGiven` is false, a label that came with its prediction counts at once
 */
export function changeOf(
  ready: ReadyCounter,
  { before, after, cameTogether }: PredictionUpdate,
  at: { readonly rules: CountingRules; readonly nowMs: number; readonly isMaturityGiven: boolean }
): CellChange | undefined {
  const { counter, grid } = ready
  const was = before === undefined ? undefined : isBad(counter, before, at.rules)
  const is = isBad(counter, after, at.rules)
  const events = count(is !== undefined) - count(was !== undefined)
  const bad = count(is === true) - count(was === true)
  if (events === 0 && bad === 0) return undefined
  const isOnTime = at.nowMs < blockClosesMs(grid, after.timeMs)
  const isImmediate = !at.isMaturityGiven && cameTogether && counter.kind !== 'labelled'
  return {
    variant: after.variant,
    cellMs: cellStart(grid, after.timeMs),
    isDelayed: ready.waitsForLabels && grid.waitMs > 0 && !isImmediate,
    events,
    bad,
    onTimeEvents: isOnTime ? events : 0,
    onTimeBad: isOnTime ? bad : 0
  }
}

function count(is: boolean): number {
  return is ? 1 : 0
}
