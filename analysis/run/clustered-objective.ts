import type { ClusterBook, ClustersOfBlock } from '../counter/cluster-book.ts'
import type { Variant } from '../counter/outcome.ts'
import type { Objective } from '../settings/objective.ts'
import {
  addClusterDifferences,
  clusterDifferenceEvidence,
  noClusterDifference
} from '../statistics/clusters/cluster-difference.ts'
import type { Cluster } from '../statistics/clusters/cluster.ts'
import {
  addClusters,
  clusterRateEvidence,
  noClusterRate
} from '../statistics/clusters/cluster-rate.ts'
import { noCounts } from '../statistics/counts.ts'
import type { Block, RateCounts } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import { logMeanExp } from '../statistics/numeric/log-sum-exp.ts'
import { addDispersionWindow, noDispersion } from '../statistics/sampling/dispersion.ts'
import type { DispersionSums } from '../statistics/sampling/dispersion.ts'
import { countsAtBest, countsAtWorst } from '../statistics/sampling/missing-labels.ts'
import { seededRandom } from '../replay/seeded-random.ts'
import { labelledCounts } from './counted.ts'
import type { Counted, CountedLabels } from './counted.ts'

/** What the clusters of an objective say. */
export interface ClusteredEvidence {
  /** Undefined before a closed block with a cluster of each arm that is needed. */
  readonly evidence: Evidence | undefined
  /** Clusters of the canary that count; an event without a cluster is one of its own. */
  readonly clusters: number
  /** How much the outcomes of one cluster depend on one another, as a dispersion of the canary's clusters. */
  readonly sums: DispersionSums
}

/** Judges one objective by clusters, block by block. */
export class ClusteredObjective {
  readonly #objective: Objective
  readonly #labels: CountedLabels | undefined
  readonly #isBounded: boolean
  #rate = noClusterRate
  #differences = new Map<Counted, typeof noClusterDifference>()
  #clusters = 0
  #sums = noDispersion

  /**
   * @param labels counters of missing labels; undefined if none can be missing
   * @param isBounded whether a missing label may have been either
   */
  constructor(objective: Objective, labels: CountedLabels | undefined, isBounded: boolean) {
    this.#objective = objective
    this.#labels = labels
    this.#isBounded = isBounded
  }

  /** Adds a closed block; call it once per block, in order. */
  add(
    counters: readonly Counted[],
    book: ClusterBook,
    {
      startMs,
      blockOf
    }: { readonly startMs: number; readonly blockOf: (counted: Counted) => Block }
  ): void {
    const own = counters.at(-1)
    if (own === undefined) return
    const clustersOf = (counter: Counted, variant: Variant) =>
      this.#clustersOf(book.of(startMs, variant), counter, counted => blockOf(counted)[variant])
    const canary = clustersOf(own, 'canary')
    this.#clusters += canary.length
    for (const { best, worst } of canary) {
      this.#sums = addDispersionWindow(this.#sums, this.#isBounded ? worst : best)
    }
    const { reference, margin } = this.#objective
    if (reference.kind !== 'primary') {
      this.#rate = addClusters(this.#rate, canary, { limit: reference.badRatio, margin })
      return
    }
    for (const counter of counters) {
      const arms = {
        canary: clustersOf(counter, 'canary'),
        primary: clustersOf(counter, 'primary')
      }
      if (arms.canary.length === 0 || arms.primary.length === 0) continue
      const known = this.#differences.get(counter) ?? noClusterDifference
      const random = seededRandom(startMs / 1_000)
      this.#differences.set(counter, addClusterDifferences(known, arms, { margin, random }))
    }
  }

  result(own: Counted | undefined): ClusteredEvidence {
    const { reference } = this.#objective
    const isLimit = reference.kind !== 'primary'
    const evidence = isLimit
      ? this.#clusters > 0
        ? clusterRateEvidence(this.#rate)
        : undefined
      : this.#differenceEvidence(own)
    return { evidence, clusters: this.#clusters, sums: this.#sums }
  }

  /** The mean over the counters, such as the cuts of a latency; PASS is about the objective's own. */
  #differenceEvidence(own: Counted | undefined): Evidence | undefined {
    const each = [...this.#differences].map(([counter, state]) => ({
      counter,
      ...clusterDifferenceEvidence(state)
    }))
    if (each.length === 0) return undefined
    return {
      lnEFail: logMeanExp(each.map(({ lnEFail }) => lnEFail)),
      lnEPass: each.find(({ counter }) => counter === own)?.lnEPass ?? 0
    }
  }

  #clustersOf(
    { clusters, all }: ClustersOfBlock,
    own: Counted,
    totalsOf: (counted: Counted) => RateCounts
  ): readonly Cluster[] {
    const isCompared = this.#objective.reference.kind === 'primary'
    const found = [...clusters.values()].map(counts =>
      this.#bounds(own, counted => counts.get(counted.ready.name) ?? noCounts)
    )
    const alone = this.#bounds(own, counted =>
      subtract(totalsOf(counted), all.get(counted.ready.name) ?? noCounts)
    )
    return [...found, ...singles(alone)].filter(({ best, worst }) =>
      isCompared ? Math.min(best.events, worst.events) > 0 : Math.max(best.events, worst.events) > 0
    )
  }

  #bounds(own: Counted, countsOf: (counted: Counted) => RateCounts): Cluster {
    if (this.#labels === undefined || !this.#isBounded) {
      return { best: countsOf(own), worst: countsOf(own) }
    }
    const counts = labelledCounts(countsOf(own), this.#labels, countsOf)
    return { best: countsAtBest(counts), worst: countsAtWorst(counts) }
  }
}

/** Divides the counts of events without a cluster into clusters of one event each. */
function singles({ best, worst }: Cluster): readonly Cluster[] {
  const single = ({ events, bad }: RateCounts, at: number): RateCounts => ({
    events: at < events ? 1 : 0,
    bad: at < bad ? 1 : 0
  })
  const length = Math.max(0, best.events, worst.events)
  return Array.from({ length }, (_, at) => ({ best: single(best, at), worst: single(worst, at) }))
}

function subtract(one: RateCounts, other: RateCounts): RateCounts {
  return { events: one.events - other.events, bad: one.bad - other.bad }
}
