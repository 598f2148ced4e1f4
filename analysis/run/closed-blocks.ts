import type { ClosedBlock } from '../counter/series.ts'
import type { Block } from '../statistics/counts.ts'
import { noBlock } from './counted.ts'
import type { Counted } from './counted.ts'

/** The blocks in which any of the counters has events, oldest first. */
export function blocksOf(
  counters: readonly (Counted | undefined)[],
  closed: ReadonlyMap<Counted, readonly ClosedBlock[]>
) {
  const byStart = new Map<number, Map<Counted, ClosedBlock>>()
  for (const counted of counters) {
    if (counted === undefined) continue
    for (const block of closed.get(counted) ?? []) {
      const blocks = byStart.get(block.startMs) ?? new Map<Counted, ClosedBlock>()
      byStart.set(block.startMs, blocks.set(counted, block))
    }
  }
  return [...byStart]
    .sort(([a], [b]) => a - b)
    .map(([startMs, blocks]) => ({
      startMs,
      blockOf: (counted: Counted): Block => blocks.get(counted) ?? noBlock
    }))
}
