import type { Analysis } from '../settings/analysis.ts'
import { counterName, isBad, waitsForLabels } from './counter.ts'
import type { Counter, CountingRules } from './counter.ts'
import { blockClosesMs, cellStart, gridOf } from './grid.ts'
import type { Grid } from './grid.ts'
import type { Outcome } from './outcome.ts'
import type { CellChange } from './series.ts'

/** A counter with its name and grid, ready to count. */
export interface ReadyCounter {
  readonly counter: Counter
  readonly name: string
  readonly grid: Grid
  readonly waitsForLabels: boolean
}

/** Makes an analysis' counters ready. */
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

/** What was known of a prediction before and is known now. */
export interface Knowledge {
  /** Undefined for a prediction that was not known. */
  readonly before: Outcome | undefined
  readonly after: Outcome
  /** Whether one message brought the prediction and its label. */
  readonly cameTogether: boolean
}

/**
 * How a counter's cells change by what became known at `nowMs`; undefined where they do not.
 *
 * @param isMaturityGiven where it is not, a label that came with its prediction counts at once
 */
export function changeOf(
  ready: ReadyCounter,
  { before, after, cameTogether }: Knowledge,
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
