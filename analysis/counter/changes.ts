import type { Analysis } from '../settings/analysis.ts'
import { contributionOf } from './count-outcome.ts'
import { awaitedScore, counterName, waitsForLabels } from './counter.ts'
import type { Counter } from './counter.ts'
import { blockClosesMs, blockStart, cellDueMs, cellStart, gridOf, responseDueMs } from './grid.ts'
import type { Grid } from './grid.ts'
import { scoreOf } from './mean.ts'
import type { Outcome } from './outcome.ts'
import { pairChanges } from './pair-changes.ts'
import type { CellChange } from './series.ts'
import type { ChangeRules, CounterChanges, PredictionUpdate, ReadyCounter } from './update.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { summable } from '../statistics/exact-sum.ts'

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

const unchanged: CounterChanges = { changes: [], isLate: false }
const late: CounterChanges = { changes: [], isLate: true }

/**
 * Returns how a counter's cells change with an update. A label or response that comes after it was due changes
 * nothing. How maturity works: docs/statistics/sampling.md#labels-and-maturity.
 */
export function changesOf(
  ready: ReadyCounter,
  update: PredictionUpdate,
  at: ChangeRules
): CounterChanges {
  const { counter } = ready
  if (counter.kind === 'pair') return pairChanges(ready, counter, update, at)
  return ready.waitsForLabels ? labelChanges(ready, update, at) : responseChanges(ready, update, at)
}

function labelChanges(
  ready: ReadyCounter,
  update: PredictionUpdate,
  at: ChangeRules
): CounterChanges {
  const { rules, nowMs } = at
  const { counter, grid } = ready
  const { after } = update
  const before = update.before?.isPending === true ? undefined : update.before
  if (before !== undefined && isLabelLate(grid, { ...update, before }, nowMs)) return late
  const was = before && countsOf(contributionOf(counter, before, rules))
  const is = countsOf(contributionOf(counter, after, rules))
  const isWaiting =
    grid.waitMs > 0 && (isGiven(counter, at) || before !== undefined || !isAnswered(counter, after))
  const isOnTime = nowMs < blockClosesMs(grid, after.timeMs)
  const countsFromMs = isWaiting ? cellDueMs(grid, after.timeMs) : 0
  const change = changeTo(
    ready,
    after,
    { countsFromMs, isOnTime },
    subtract(is, was ?? countsOf(undefined))
  )
  return change === undefined ? unchanged : { changes: [change], isLate: !isOnTime }
}

/** Whether a prediction has what a counter waits for: a label, or a score. */
function isAnswered(counter: Counter, outcome: Outcome): boolean {
  const score = awaitedScore(counter)
  return score === undefined ? outcome.label !== undefined : scoreOf(outcome, score) !== undefined
}

/** Whether a label that came with its prediction has to wait too. */
function isGiven(counter: Counter, { isMaturityGiven }: ChangeRules): boolean {
  return isMaturityGiven || 'maturityMs' in counter
}

/** Whether an update came before its cell was due and its block closed. */
export function isInTime(grid: Grid, update: PredictionUpdate, nowMs: number): boolean {
  if (nowMs >= blockClosesMs(grid, update.after.timeMs)) return false
  const { before } = update
  return (
    before === undefined || before.isPending || !isLabelLate(grid, { ...update, before }, nowMs)
  )
}

/**
 * With a maturity of 0 a label is never late: until it comes, its prediction counts as one without a label. A
 * label that arrives at the same time as its prediction is not late either: the prediction is.
 */
function isLabelLate(
  grid: Grid,
  { before, after, firstMs }: PredictionUpdate & { readonly before: Outcome },
  nowMs: number
): boolean {
  if (before.label === after.label && before.measures === after.measures) return false
  return grid.waitMs > 0 && nowMs >= cellDueMs(grid, after.timeMs) && nowMs !== firstMs
}

/**
 * A logged request counts as an error from when its response is due. Until then the rest of its cell waits, or
 * requests with a response would count sooner than those without.
 */
function responseChanges(
  ready: ReadyCounter,
  { before, after, firstMs }: PredictionUpdate,
  { rules, nowMs }: ChangeRules
): CounterChanges {
  const { counter, grid } = ready
  const dueMs = responseDueMs(after.timeMs, firstMs, rules.responseTimeoutMs)
  const wasPending = before?.isPending === true
  if (wasPending && !after.isPending && nowMs >= dueMs) return late
  const isAnswer = wasPending || after.isPending
  const isOnTime = (isAnswer ? firstMs : nowMs) < blockClosesMs(grid, after.timeMs)
  const was = countsOf(before && contributionOf(counter, before, rules))
  const is = countsOf(contributionOf(counter, after, rules))
  const from = { countsFromMs: wasPending ? dueMs : 0, isOnTime }
  const to = { countsFromMs: after.isPending ? dueMs : 0, isOnTime }
  const changes =
    from.countsFromMs === to.countsFromMs
      ? [changeTo(ready, after, to, subtract(is, was))]
      : [
          changeTo(ready, after, from, subtract(countsOf(undefined), was)),
          changeTo(ready, after, to, is)
        ]
  const made = changes.filter(change => change !== undefined)
  return { changes: made, isLate: made.length > 0 && !isOnTime }
}

function changeTo(
  { grid, waitsForLabels }: ReadyCounter,
  { variant, timeMs, isLogged }: Outcome,
  { countsFromMs, isOnTime }: { readonly countsFromMs: number; readonly isOnTime: boolean },
  { events, bad }: RateCounts
): CellChange | undefined {
  if (events === 0 && bad === 0) return undefined
  return {
    variant,
    // Only cells with a logged request can wait for a response.
    cellMs: waitsForLabels || isLogged ? cellStart(grid, timeMs) : blockStart(grid, timeMs),
    countsFromMs,
    events,
    bad,
    onTimeEvents: isOnTime ? events : 0,
    onTimeBad: isOnTime ? bad : 0
  }
}

function countsOf(amount: number | undefined): RateCounts {
  return { events: amount === undefined ? 0 : 1, bad: summable(amount ?? 0) }
}

function subtract(one: RateCounts, other: RateCounts): RateCounts {
  return { events: one.events - other.events, bad: one.bad - other.bad }
}
