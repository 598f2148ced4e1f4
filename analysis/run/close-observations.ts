import type { ClusterBook } from '../counter/cluster-book.ts'
import type { RankBook } from '../counter/rank-book.ts'
import type { ClosedBlock } from '../counter/series.ts'
import { blocksOf } from './closed-blocks.ts'
import type { Counted } from './counted.ts'
import type { JudgedObjective } from './judged-objective.ts'

type ClosedBlocks = ReadonlyMap<Counted, readonly ClosedBlock[]>

/** Observes the clusters of closed blocks. Blocks from the first with a cluster on count by clusters. */
export function closeClusters(
  judged: readonly JudgedObjective[],
  book: ClusterBook,
  closed: ClosedBlocks
): void {
  if (!book.isUsed) return
  let openMs = Number.POSITIVE_INFINITY
  for (const { counters, labels, clustered } of judged) {
    const own = counters.at(-1)
    if (own === undefined) continue
    openMs = Math.min(openMs, own.series.closedUntilMs)
    const all = [...counters, ...(labels === undefined ? [] : [labels.all, labels.positive])]
    for (const block of blocksOf(all, closed)) {
      if (block.startMs >= book.firstMs) clustered?.add(counters, book, block)
    }
  }
  book.forgetBefore(openMs)
}

/** Pairs the predictions with a score of closed blocks. */
export function closeRanks(
  judged: readonly JudgedObjective[],
  book: RankBook,
  closed: ClosedBlocks
): void {
  let openMs = Number.POSITIVE_INFINITY
  for (const { ranked, labels } of judged) {
    if (ranked === undefined || labels === undefined) continue
    openMs = Math.min(openMs, labels.all.series.closedUntilMs)
    for (const { startMs } of closed.get(labels.all) ?? []) ranked.add(book.of(startMs))
  }
  book.forgetBefore(openMs)
}
