import type { RateCounts } from '../counts.ts'
import type { Evidence } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'
import { stakes } from '../rate/bounded-evidence.ts'
import { randomOrder } from '../replay/random-order.ts'
import type { Cluster } from './cluster.ts'

/** The state of bets on clusters of both arms: the natural logarithm of the wealth of each bet. Plain JSON. */
export interface ClusterDifference {
  readonly fail: readonly number[]
  readonly pass: readonly number[]
}

/** The clusters of both arms that were first seen in one block. */
export interface ClustersOfArms {
  readonly canary: readonly Cluster[]
  readonly primary: readonly Cluster[]
}

/** The state before the first block. */
export const noClusterDifference: ClusterDifference = {
  fail: stakes.map(() => 0),
  pass: stakes.map(() => 0)
}

/**
 * Adds a closed block: each cluster of the canary is compared with a random group of the primary's, by their shares
 * of bad events. Valid where clusters, and not requests, are assigned to the arms at random.
 * Derivation: docs/statistics/clusters.md.
 *
 * @param margin PASS proves a difference below it; in (0, 1)
 * @param random uniform numbers in [0, 1) that do not depend on outcomes
 */
export function addClusterDifferences(
  state: ClusterDifference,
  { canary, primary }: ClustersOfArms,
  { margin, random }: { readonly margin: number; readonly random: () => number }
): ClusterDifference {
  const pairs = Math.min(canary.length, primary.length)
  if (pairs === 0) return state
  const groupSize = Math.floor(primary.length / pairs)
  const chosen = shuffled(canary, random).slice(0, pairs)
  const others = shuffled(primary, random)
  let { fail, pass } = state
  for (const [at, own] of chosen.entries()) {
    const group = others.slice(at * groupSize, (at + 1) * groupSize)
    const excess = share(own.best) - meanOf(group.map(({ worst }) => share(worst)))
    const highest = share(own.worst) - meanOf(group.map(({ best }) => share(best)))
    fail = bet(fail, excess, 1)
    pass = bet(pass, margin - highest, 1 / (1 - margin))
  }
  return { fail, pass }
}

/** Returns the evidence of the blocks so far: the mean over the bets. */
export function clusterDifferenceEvidence({ fail, pass }: ClusterDifference): Evidence {
  return { lnEFail: logMeanExp(fail), lnEPass: logMeanExp(pass) }
}

function bet(before: readonly number[], observation: number, largestStake: number) {
  return stakes.map(
    (stake, at) => (before[at] ?? 0) + Math.log1p(stake * largestStake * observation)
  )
}

function share({ events, bad }: RateCounts): number {
  return events === 0 ? 0 : bad / events
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function shuffled(clusters: readonly Cluster[], random: () => number): readonly Cluster[] {
  return randomOrder(clusters.length, random).flatMap(at => clusters[at] ?? [])
}
