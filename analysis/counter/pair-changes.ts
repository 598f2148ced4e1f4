import type { ChangeRules, CounterChanges, PredictionUpdate, ReadyCounter } from './update.ts'
import type { CountingRules } from './count-outcome.ts'
import type { PairCounter } from './counter.ts'
import { blockClosesMs, cellDueMs, cellStart, responseDueMs } from './grid.ts'
import type { Grid } from './grid.ts'
import { variants } from './outcome.ts'
import type { Outcome, Variant } from './outcome.ts'
import { pairOf } from './pair.ts'
import type { Pair, PairResult } from './pair.ts'
import type { CellChange } from './series.ts'

/** A pair before and after an update of one of its predictions. */
interface PairUpdate {
  /** Undefined if the update made the pair. */
  readonly before: Pair | undefined
  readonly after: Pair
  /** When the first message of each prediction arrived, in milliseconds since 1970. */
  readonly firstMs: Readonly<Record<Variant, number>>
}

const unchanged: CounterChanges = { changes: [], isLate: false }
const late: CounterChanges = { changes: [], isLate: true }

/**
 * Returns how a counter of pairs changes with an update of a prediction of which the other arm has one too. Both arms
 * count every pair; what is bad is that the arm alone was wrong. A pair belongs to the block of the canary's
 * prediction (docs/statistics/pairs.md).
 */
export function pairChanges(
  { grid }: ReadyCounter,
  counter: PairCounter,
  update: PredictionUpdate,
  { rules, nowMs }: ChangeRules
): CounterChanges {
  const of = pairUpdate(update)
  if (of === undefined) return unchanged
  const { timeMs } = of.after.canary
  const firstMs = Math.max(of.firstMs.canary, of.firstMs.primary)
  if (isLabelLate(of, grid, nowMs, firstMs)) return late
  const [fromMs, toMs] = [of.before, of.after].map(pair => pair && dueMs(pair, of, rules))
  const isAwaited = fromMs !== undefined && fromMs > nowMs
  const isNew = of.before === undefined
  const isOnTime = (isAwaited || isNew ? firstMs : nowMs) < blockClosesMs(grid, timeMs)
  const was = of.before && pairOf(counter, of.before, rules)
  const is = pairOf(counter, of.after, rules)
  const cellMs = cellStart(grid, timeMs)
  const changes = [
    ...changesOf(was, -1, { cellMs, countsFromMs: fromMs ?? 0, isOnTime }),
    ...changesOf(is, 1, { cellMs, countsFromMs: toMs ?? 0, isOnTime })
  ]
  return { changes, isLate: false }
}

function pairUpdate({ before, after, firstMs, other }: PredictionUpdate): PairUpdate | undefined {
  if (other === undefined) return undefined
  const pairWith = (own: Outcome): Pair =>
    own.variant === 'canary'
      ? { canary: own, primary: other.outcome }
      : { canary: other.outcome, primary: own }
  const first = { primary: other.firstMs, canary: other.firstMs, [after.variant]: firstMs }
  return { before: before && pairWith(before), after: pairWith(after), firstMs: first }
}

/** A label that comes when its cell has counted changes nothing, in pairs as in single predictions. */
function isLabelLate(
  { before, after }: PairUpdate,
  grid: Grid,
  nowMs: number,
  firstMs: number
): boolean {
  if (before === undefined || labelOf(before) === labelOf(after) || grid.waitMs === 0) return false
  return nowMs >= cellDueMs(grid, after.canary.timeMs) && nowMs !== firstMs
}

function labelOf({ canary, primary }: Pair): string | undefined {
  return canary.label ?? primary.label
}

/** When the last response is due that a pair waits for; 0 if it waits for none. */
function dueMs(pair: Pair, { firstMs }: PairUpdate, { responseTimeoutMs }: CountingRules): number {
  const dues = variants
    .filter(variant => pair[variant].isPending)
    .map(variant => responseDueMs(pair[variant].timeMs, firstMs[variant], responseTimeoutMs))
  return Math.max(0, ...dues)
}

function changesOf(
  result: PairResult | undefined,
  times: 1 | -1,
  at: { readonly cellMs: number; readonly countsFromMs: number; readonly isOnTime: boolean }
): readonly CellChange[] {
  if (result === undefined) return []
  const { canaryBad, primaryBad } = result
  return variants.map(variant => {
    const isAlone = variant === 'canary' ? canaryBad && !primaryBad : primaryBad && !canaryBad
    const [events, bad] = [times, isAlone ? times : 0]
    const { cellMs, countsFromMs, isOnTime } = at
    const onTime = { onTimeEvents: isOnTime ? events : 0, onTimeBad: isOnTime ? bad : 0 }
    return { variant, cellMs, countsFromMs, events, bad, ...onTime }
  })
}
