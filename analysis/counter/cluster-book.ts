import { addCounts, noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { variants } from './outcome.ts'
import type { Variant } from './outcome.ts'

/** A change of the counts of one cluster, or of all clusters, in one block. Changes add up. */
export interface ClusterChange {
  readonly variant: Variant
  /** The start of the block, in milliseconds since 1970. */
  readonly blockMs: number
  /** Undefined: all events with a cluster, also those that do not count. */
  readonly cluster: string | undefined
  readonly counter: string
  readonly events: number
  readonly bad: number
}

/** The clusters of a block by arm, with their counts by counter. */
export interface ClustersOfBlock {
  readonly clusters: ReadonlyMap<string, ReadonlyMap<string, RateCounts>>
  /** The counts of all events with a cluster, by counter. */
  readonly all: ReadonlyMap<string, RateCounts>
}

interface OpenBlock {
  readonly clusters: Map<string, Map<string, RateCounts>>
  readonly all: Map<string, RateCounts>
}

/** More clusters of an analysis are not observed. */
const maxClusters = 100_000

const nothing: ClustersOfBlock = { clusters: new Map(), all: new Map() }

/**
 * The clusters of one analysis: a cluster counts in the block in which it was first seen, in either arm, because
 * outcomes of one user depend on one another (docs/statistics/clusters.md).
 */
export class ClusterBook {
  /** The block of each cluster. */
  readonly #seen = new Map<string, number>()
  readonly #open = new Map<number, Record<Variant, OpenBlock>>()
  #firstMs = Number.POSITIVE_INFINITY

  /** The start of the first block with a cluster; infinite before. */
  get firstMs(): number {
    return this.#firstMs
  }

  /** Whether any event had a cluster. */
  get isUsed(): boolean {
    return Number.isFinite(this.#firstMs)
  }

  /** Whether a prediction of a cluster counts in a block: it is the cluster's first, or there is room for it. */
  isCounted(cluster: string, blockMs: number): boolean {
    const known = this.#seen.get(cluster)
    return known === undefined ? this.#seen.size < maxClusters : known === blockMs
  }

  /** Whether a cluster has not been seen in any block, and there is room for it. */
  isNew(cluster: string): boolean {
    return !this.#seen.has(cluster) && this.#seen.size < maxClusters
  }

  add({ variant, blockMs, cluster, counter, events, bad }: ClusterChange): void {
    if (blockMs < this.#firstMs) this.#firstMs = blockMs
    if (cluster !== undefined && !this.#seen.has(cluster)) this.#seen.set(cluster, blockMs)
    const counts = countsIn(this.#blockOf(blockMs)[variant], cluster)
    counts.set(counter, addCounts(counts.get(counter) ?? noCounts, { events, bad }))
  }

  /** The clusters of a block. */
  of(blockMs: number, variant: Variant): ClustersOfBlock {
    return this.#open.get(blockMs)?.[variant] ?? nothing
  }

  /** Forgets the counts of blocks before a time; their clusters stay seen. */
  forgetBefore(blockMs: number): void {
    for (const startMs of this.#open.keys()) if (startMs < blockMs) this.#open.delete(startMs)
  }

  #blockOf(blockMs: number): Record<Variant, OpenBlock> {
    const known = this.#open.get(blockMs)
    if (known !== undefined) return known
    const [primary, canary] = variants.map(() => ({ clusters: new Map(), all: new Map() }))
    const created = { primary, canary } as Record<Variant, OpenBlock>
    this.#open.set(blockMs, created)
    return created
  }
}

function countsIn({ clusters, all }: OpenBlock, cluster: string | undefined) {
  if (cluster === undefined) return all
  const known = clusters.get(cluster)
  if (known !== undefined) return known
  const created = new Map<string, RateCounts>()
  clusters.set(cluster, created)
  return created
}
