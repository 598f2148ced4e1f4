import type { RateCounts } from '../counts.ts'

/** The counts of one cluster, such as a user, in the block in which it was first seen. */
export interface Cluster {
  /** With every event good that may be. */
  readonly best: RateCounts
  /** With every event bad that may be. */
  readonly worst: RateCounts
}

/** Most events of a cluster that one observation stands for. */
export const largestWeight = 20
/** So many clusters show how large clusters are. */
const enoughClusters = 30

/** What earlier blocks say about the sizes of clusters. Plain JSON. */
export interface ClusterSizes {
  readonly clusters: number
  readonly largest: number
}

/** The sizes before the first cluster. */
export const noSizes: ClusterSizes = { clusters: 0, largest: 0 }

/** Adds the sizes of a block's clusters. */
export function addSizes(sizes: ClusterSizes, clusters: readonly Cluster[]): ClusterSizes {
  return {
    clusters: sizes.clusters + clusters.length,
    largest: clusters.reduce(
      (largest, { best, worst }) => Math.max(largest, best.events, worst.events),
      sizes.largest
    )
  }
}

/**
 * Returns the weight of the heaviest observation. It comes from earlier blocks only: stakes that depend on a block's
 * own clusters are no fair bet (docs/statistics/clusters.md).
 */
export function weightCap({ clusters, largest }: ClusterSizes): number {
  return clusters < enoughClusters ? largestWeight : Math.max(1, Math.min(largestWeight, largest))
}

/** Returns the counts of a cluster as those of at most `cap` events with the same share of bad ones. */
export function cappedCounts({ events, bad }: RateCounts, cap: number): RateCounts {
  const scale = events > cap ? cap / events : 1
  return { events: events * scale, bad: bad * scale }
}
