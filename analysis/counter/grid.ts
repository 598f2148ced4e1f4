import type { Analysis } from '../settings/analysis.ts'
import { waitsForLabels } from './counter.ts'
import type { Counter } from './counter.ts'

/** The default maturity: the age in milliseconds at which a prediction counts. */
export const defaultMaturityMs = 300_000

const leastCellMs = 100
const cellsPerWait = 10

/** How a counter divides event time, in milliseconds. Blocks and cells start at multiples of their length. */
export interface Grid {
  readonly blockMs: number
  /** Counts become mature one cell at a time. A cell is within one block. */
  readonly cellMs: number
  /** The maturity: the age at which a cell counts and a block closes. */
  readonly waitMs: number
}

/**
 * Returns the grid of one counter. A cell is about a tenth of the maturity, or of the response timeout, at least
 * 100 ms and at most a block. Counters from Prometheus have one cell for each block and no maturity.
 */
export function gridOf(
  counter: Counter,
  {
    blockMs,
    maturityMs,
    responseTimeoutMs,
    source
  }: Pick<Analysis, 'blockMs' | 'maturityMs' | 'responseTimeoutMs' | 'source'>
): Grid {
  const isLabelled = waitsForLabels(counter)
  const ownMaturityMs = 'maturityMs' in counter ? counter.maturityMs : undefined
  const isWaiting = isLabelled && source === 'events'
  const waitMs = isWaiting ? (ownMaturityMs ?? maturityMs ?? defaultMaturityMs) : 0
  const longestMs = source !== 'events' || isLabelled ? waitMs : responseTimeoutMs
  const wantedMs = Math.max(leastCellMs, longestMs / cellsPerWait)
  let cells = longestMs === 0 ? 1 : Math.max(1, Math.floor(blockMs / wantedMs))
  // Whole milliseconds, so that cells add up to blocks exactly.
  while (cells > 1 && blockMs % cells !== 0) cells -= 1
  return { blockMs, cellMs: blockMs / cells, waitMs }
}

/** Returns when the cell that contains a time is due: its counts are then complete, by our clock. */
export function cellDueMs(grid: Grid, timeMs: number): number {
  return cellStart(grid, timeMs) + grid.cellMs + grid.waitMs
}

const duesPerTimeout = 10

/**
 * Returns when a request counts as one without a response: `timeoutMs` after it was sent and arrived, rounded up
 * to a tenth of that.
 */
export function responseDueMs(sentMs: number, arrivedMs: number, timeoutMs: number): number {
  const stepMs = Math.max(leastCellMs, timeoutMs / duesPerTimeout)
  return Math.ceil((Math.max(sentMs, arrivedMs) + timeoutMs) / stepMs) * stepMs
}

/** Returns the start of the cell that contains a time. */
export function cellStart({ cellMs }: Grid, timeMs: number): number {
  return Math.floor(timeMs / cellMs) * cellMs
}

/** Returns the start of the block that contains a time. */
export function blockStart({ blockMs }: Pick<Grid, 'blockMs'>, timeMs: number): number {
  return Math.floor(timeMs / blockMs) * blockMs
}

/** Returns when the block that contains a time closes, by our clock. */
export function blockClosesMs(grid: Grid, timeMs: number): number {
  return blockStart(grid, timeMs) + grid.blockMs + grid.waitMs
}
