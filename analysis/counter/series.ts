import { addCounts, noCounts } from '../statistics/counts.ts'
import type { Block, RateCounts } from '../statistics/counts.ts'
import { BlockSet } from './block-set.ts'
import { blockClosesMs, blockStart, cellDueMs } from './grid.ts'
import type { Grid } from './grid.ts'
import { variants } from './outcome.ts'
import type { Variant } from './outcome.ts'

/** A change of the counts of one cell. Changes may be added in any order, also from several replicas. */
export interface CellChange {
  readonly variant: Variant
  /** The start of the cell, in milliseconds since 1970. */
  readonly cellMs: number
  /** When it counts, in milliseconds since 1970; 0: at once. */
  readonly countsFromMs: number
  readonly events: number
  readonly bad: number
  /** The part that came before the block closed. Only this is compared. */
  readonly onTimeEvents: number
  readonly onTimeBad: number
}

/** A closed block and its start. */
export interface ClosedBlock extends Block {
  readonly startMs: number
}

interface Cell {
  immediate: RateCounts
  /** Counts that wait, by when they count. */
  readonly waiting: Map<number, RateCounts>
  onTime: RateCounts
}

/** Whether the counts of a cell that do not wait themselves have to wait for the rest of the cell. */
export type CellHold = (variant: Variant, cellMs: number) => boolean

const noHold: CellHold = () => false
/** `countsFromMs` of changes that were stored when a cell had one time to wait for. */
const whenDue = 1

interface Arm {
  /** The counts of all closed blocks. */
  closed: RateCounts
  /** Closed blocks with events, on time or late. */
  readonly closedBlocks: BlockSet
  readonly cells: Map<number, Cell>
}

/**
 * The counts of one counter: sums of closed blocks, and cells of open blocks. Its size depends on the time
 * that is open, not on the number of events (docs/statistics/comparison.md#blocks).
 */
export class CounterSeries {
  readonly grid: Grid
  readonly #arms: Readonly<Record<Variant, Arm>>
  #closedUntilMs = Number.NEGATIVE_INFINITY

  constructor(grid: Grid) {
    this.grid = grid
    const arm = (): Arm => ({ closed: noCounts, closedBlocks: new BlockSet(), cells: new Map() })
    this.#arms = { primary: arm(), canary: arm() }
  }

  /** The start of the first block that is not closed, in milliseconds since 1970. */
  get closedUntilMs(): number {
    return this.#closedUntilMs
  }

  add(change: CellChange): void {
    const { events, bad, onTimeEvents, onTimeBad } = change
    const arm = this.#arms[change.variant]
    const counts = { events, bad }
    if (change.cellMs < this.#closedUntilMs && change.countsFromMs === 0) {
      arm.closed = addCounts(arm.closed, counts)
      if (events > 0) arm.closedBlocks.add(this.#blockOf(change.cellMs))
      return
    }
    const cell = arm.cells.get(change.cellMs) ?? {
      immediate: noCounts,
      waiting: new Map<number, RateCounts>(),
      onTime: noCounts
    }
    const fromMs =
      change.countsFromMs === whenDue ? cellDueMs(this.grid, change.cellMs) : change.countsFromMs
    if (fromMs === 0) cell.immediate = addCounts(cell.immediate, counts)
    else cell.waiting.set(fromMs, addCounts(cell.waiting.get(fromMs) ?? noCounts, counts))
    cell.onTime = addCounts(cell.onTime, { events: onTimeEvents, bad: onTimeBad })
    arm.cells.set(change.cellMs, cell)
  }

  /** Closes the blocks that are due, in order, and returns them oldest first. */
  close(nowMs: number): readonly ClosedBlock[] {
    const { grid } = this
    const untilMs = Math.min(blockStart(grid, nowMs - grid.waitMs), this.#heldFromMs(nowMs))
    const starts = new Set<number>()
    for (const variant of variants) {
      for (const [cellMs, { waiting }] of this.#arms[variant].cells) {
        const isOver = blockClosesMs(grid, cellMs) <= nowMs && blockStart(grid, cellMs) < untilMs
        if (isOver && !isAnyWaiting(waiting, nowMs)) starts.add(blockStart(grid, cellMs))
      }
    }
    const blocks = [...starts]
      .sort((a, b) => a - b)
      .map(startMs => ({
        startMs,
        primary: this.#closeArm('primary', startMs),
        canary: this.#closeArm('canary', startMs)
      }))
    if (untilMs > this.#closedUntilMs) this.#closedUntilMs = untilMs
    return blocks
  }

  /** Returns the start of the first open block with a request that waits for its response. */
  #heldFromMs(nowMs: number): number {
    let heldMs = Number.POSITIVE_INFINITY
    for (const variant of variants) {
      for (const [cellMs, { waiting }] of this.#arms[variant].cells) {
        if (cellMs < this.#closedUntilMs || cellMs >= heldMs) continue
        if (isAnyWaiting(waiting, nowMs)) heldMs = blockStart(this.grid, cellMs)
      }
    }
    return heldMs
  }

  #closeArm(variant: Variant, startMs: number): RateCounts {
    const arm = this.#arms[variant]
    let onTime = noCounts
    let all = noCounts
    for (let cellMs = startMs; cellMs < startMs + this.grid.blockMs; cellMs += this.grid.cellMs) {
      const cell = arm.cells.get(cellMs)
      if (cell === undefined) continue
      arm.cells.delete(cellMs)
      all = [...cell.waiting.values()].reduce(addCounts, addCounts(all, cell.immediate))
      onTime = addCounts(onTime, cell.onTime)
    }
    arm.closed = addCounts(arm.closed, all)
    if (all.events > 0) arm.closedBlocks.add(this.#blockOf(startMs))
    return onTime
  }

  /** Returns the counts at `nowMs`: closed blocks, and what counts of open blocks. */
  totals(variant: Variant, nowMs: number, isHeld = noHold): RateCounts {
    const { closed, cells } = this.#arms[variant]
    let sum = closed
    for (const [cellMs, cell] of cells) {
      sum = addCounts(sum, countsOfCell(cell, nowMs, isHeld(variant, cellMs)))
    }
    return sum
  }

  /** Whether some counts of a cell still wait. */
  isWaiting(variant: Variant, cellMs: number, nowMs: number): boolean {
    const cell = this.#arms[variant].cells.get(cellMs)
    return cell !== undefined && isAnyWaiting(cell.waiting, nowMs)
  }

  /** Returns the number of blocks with events of a variant that count at `nowMs`. */
  intervals(variant: Variant, nowMs: number, isHeld = noHold): number {
    const { closedBlocks, cells } = this.#arms[variant]
    const open = new Set<number>()
    for (const [cellMs, cell] of cells) {
      const { events } = countsOfCell(cell, nowMs, isHeld(variant, cellMs))
      if (events > 0) open.add(blockStart(this.grid, cellMs))
    }
    return closedBlocks.size + open.size
  }

  #blockOf(cellMs: number): number {
    return Math.floor(cellMs / this.grid.blockMs)
  }
}

function isAnyWaiting(waiting: Cell['waiting'], nowMs: number): boolean {
  for (const [fromMs, { events }] of waiting) if (fromMs > nowMs && events > 0) return true
  return false
}

function countsOfCell({ immediate, waiting }: Cell, nowMs: number, isHeld: boolean): RateCounts {
  let sum = isHeld ? noCounts : immediate
  for (const [fromMs, counts] of waiting) if (fromMs <= nowMs) sum = addCounts(sum, counts)
  return sum
}
