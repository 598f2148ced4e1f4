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
import type { ClusterRate } from '../statistics/clusters/cluster-rate.ts'
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
  #rates: readonly ClusterRate[]
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
    this.#rates = objective.metric === 'bias' ? [noClusterRate, noClusterRate] : [noClusterRate]
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
      const limit = { limit: reference.badRatio, margin }
      const reversed = canary.map(reverse)
      this.#rates = this.#rates.map((rate, at) =>
        addClusters(rate, at === 0 ? canary : reversed, limit)
      )
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
        ? this.#rateEvidence()
        : undefined
      : this.#differenceEvidence(own)
    return { evidence, clusters: this.#clusters, sums: this.#sums }
  }

  /** A mean that may be wrong to either side fails by the stronger test, and passes by the weaker one. */
  #rateEvidence(): Evidence {
    const each = this.#rates.map(clusterRateEvidence)
    return {
      lnEFail: Math.max(...each.map(({ lnEFail }) => lnEFail)),
      lnEPass: Math.min(...each.map(({ lnEPass }) => lnEPass))
    }
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

/** Measures each value from the other end of its range: what was too small is then too large. */
function reverse({ best, worst }: Cluster): Cluster {
  const turned = ({ events, bad }: RateCounts): RateCounts => ({ events, bad: events - bad })
  return { best: turned(worst), worst: turned(best) }
}

/**
 * Divides the counts of events without a cluster into clusters of one event each. Of values between 0 and 1 only the
 * sum is known: as many as possible count as 1 and the others as 0, by which bets gain least.
 */
function singles({ best, worst }: Cluster): readonly Cluster[] {
  const single = ({ events, bad }: RateCounts, at: number): RateCounts => ({
    events: at < events ? 1 : 0,
    bad: Math.min(1, Math.max(0, bad - at))
  })
  const length = Math.max(0, best.events, worst.events)
  return Array.from({ length }, (_, at) => ({ best: single(best, at), worst: single(worst, at) }))
}

function subtract(one: RateCounts, other: RateCounts): RateCounts {
  return { events: one.events - other.events, bad: one.bad - other.bad }
}
