import type { RateCounts } from '../counts.ts'
import type { Evidence } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'
import { stakes } from '../rate/bounded-evidence.ts'
import type { RateLimit } from '../rate/rate-evidence.ts'
import { addSizes, cappedCounts, noSizes, weightCap } from './cluster.ts'
import type { Cluster, ClusterSizes } from './cluster.ts'

/** The state of bets on clusters against a limit: the natural logarithm of the wealth of each bet. Plain JSON. */
export interface ClusterRate {
  readonly fail: readonly number[]
  readonly pass: readonly number[]
  readonly sizes: ClusterSizes
}

/** The state before the first cluster. */
export const noClusterRate: ClusterRate = {
  fail: stakes.map(() => 0),
  pass: stakes.map(() => 0),
  sizes: noSizes
}

/**
 * Adds the clusters that were first seen in a closed block. A cluster with `b` bad of `n` events is one observation
 * of weight `n`: `b - limit n` is at most 0 on average if the limit is met, whatever the size of a cluster says
 * about its rate. Derivation: docs/statistics/clusters.md.
 */
export function addClusters(
  state: ClusterRate,
  clusters: readonly Cluster[],
  { limit, margin }: RateLimit
): ClusterRate {
  const cap = weightCap(state.sizes)
  const beyond = limit + margin
  const excess = clusters.map(({ best }) => weighted(best, limit, cap))
  const shortfall = clusters.map(({ worst }) => -weighted(worst, beyond, cap))
  return {
    fail: bet(state.fail, excess, 1 / limit),
    pass: bet(state.pass, shortfall, 1 / (1 - beyond)),
    sizes: addSizes(state.sizes, clusters)
  }
}

/** Returns the evidence of the clusters so far: the mean over the bets. */
export function clusterRateEvidence({ fail, pass }: ClusterRate): Evidence {
  return { lnEFail: logMeanExp(fail), lnEPass: logMeanExp(pass) }
}

/** In [-rate, 1 - rate]. */
function weighted(counts: RateCounts, rate: number, cap: number): number {
  const { events, bad } = cappedCounts(counts, cap)
  return (bad - rate * events) / cap
}

function bet(
  before: readonly number[],
  observations: readonly number[],
  largestStake: number
): readonly number[] {
  return stakes.map((stake, at) =>
    observations.reduce(
      (lnWealth, observation) => lnWealth + Math.log1p(stake * largestStake * observation),
      before[at] ?? 0
    )
  )
}
