import type { Analysis } from '../settings/analysis.ts'
import { waitsForLabels } from './counter.ts'
import type { Counter } from './counter.ts'

/** The age at which a label from feedback counts where no `maturity` is given. */
export const defaultMaturityMs = 300_000

const leastCellMs = 100
const cellsPerWait = 10

/** How a counter cuts event time, in milliseconds. Blocks and cells start at multiples of their length. */
export interface Grid {
  readonly blockMs: number
  /** Counts mature cell by cell; a cell lies within one block. */
  readonly cellMs: number
  /** What waits counts once its cell is this old; a block closes once it is. */
  readonly waitMs: number
}

/**
 * The grid of one counter: finer than blocks where counts mature sooner than blocks end. Counters of
 * Prometheus are of whole blocks, and wait for nothing.
 */
export function gridOf(counter: Counter, { blockMs, maturityMs, source }: Analysis): Grid {
  const isWaiting = waitsForLabels(counter) && source === 'events'
  const waitMs = isWaiting ? (maturityMs ?? defaultMaturityMs) : 0
  const wantedMs = Math.max(leastCellMs, waitMs / cellsPerWait)
  let cells = waitMs === 0 ? 1 : Math.max(1, Math.floor(blockMs / wantedMs))
  // Whole milliseconds, so that cells add up to blocks exactly.
  while (cells > 1 && blockMs % cells !== 0) cells -= 1
  return { blockMs, cellMs: blockMs / cells, waitMs }
}

/** Where the cell that holds a time starts. */
export function cellStart({ cellMs }: Grid, timeMs: number): number {
  return Math.floor(timeMs / cellMs) * cellMs
}

/** Where the block that holds a time starts. */
export function blockStart({ blockMs }: Pick<Grid, 'blockMs'>, timeMs: number): number {
  return Math.floor(timeMs / blockMs) * blockMs
}

/** When the block that holds a time closes, by our clock. */
export function blockClosesMs(grid: Grid, timeMs: number): number {
  return blockStart(grid, timeMs) + grid.blockMs + grid.waitMs
}
