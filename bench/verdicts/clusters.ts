import {
  addConditionalBlock,
  conditionalEvidence,
  conditionalTest,
  noConditionalEvidence
} from '../../analysis/statistics/comparison/conditional-evidence.ts'
import {
  addClusterDifferences,
  clusterDifferenceEvidence,
  noClusterDifference
} from '../../analysis/statistics/clusters/cluster-difference.ts'
import type { Cluster } from '../../analysis/statistics/clusters/cluster.ts'
import { addCounts, noCounts } from '../../analysis/statistics/counts.ts'
import type { RateCounts } from '../../analysis/statistics/counts.ts'
import { isProved } from '../../analysis/statistics/evidence.ts'
import {
  addDispersionWindow,
  dispersionOf,
  noDispersion
} from '../../analysis/statistics/sampling/dispersion.ts'
import { binomial } from './random.ts'
import type { Random } from './random.ts'

const looks = 30
const newUsers = { canary: 10, primary: 40 }
const margin = 0.02
/** Intervals in which a user sends requests. */
const stays = 10

interface User {
  readonly rate: number
  left: number
}

interface Worlds {
  readonly name: string
  /** The share of hard users of the canary; a tenth of the primary's are hard. */
  readonly hard: number
}

const worlds: readonly Worlds[] = [
  { name: 'the same model', hard: 0.1 },
  { name: 'twice as many users with wrong answers', hard: 0.2 },
  { name: 'four times as many', hard: 0.4 }
]

/** A hard user gets 80 % wrong answers, the others 2 %. */
const rates = { hard: 0.8, easy: 0.02 }

/**
 * Users that stay in their arm for ten intervals, with 1 to 20 requests in each: how often rules fail the canary,
 * by events and by clusters, and how often clusters pass it.
 */
export function clusterRows(random: Random, reps: number): readonly (readonly string[])[] {
  const head = ['users that stay', 'raw T=5', 'raw T=1', 'events 1 %', 'clusters 1 %', 'PASS']
  return [head, ...worlds.map(world => [world.name, ...sharesOf(world, random, reps)])]
}

function sharesOf({ hard }: Worlds, random: Random, reps: number): readonly string[] {
  const acted = { raw5: 0, raw1: 0, events: 0, clusters: 0, pass: 0 }
  for (let rep = 0; rep < reps; rep += 1) {
    for (const rule of actedIn(hard, random)) acted[rule] += 1
  }
  const order = ['raw5', 'raw1', 'events', 'clusters', 'pass'] as const
  return order.map(rule => ((100 * acted[rule]) / reps).toFixed(1))
}

type RuleName = 'raw5' | 'raw1' | 'events' | 'clusters' | 'pass'

function actedIn(hard: number, random: Random): ReadonlySet<RuleName> {
  const test = conditionalTest({ nullOdds: 1, tolerance: 1.5 })
  const acted = new Set<RuleName>()
  const users: Record<'canary' | 'primary', User[]> = { canary: [], primary: [] }
  let events = noConditionalEvidence(test)
  let clusters = noClusterDifference
  const sums = { canary: noDispersion, primary: noDispersion }
  let worse = 0
  for (let look = 0; look < looks; look += 1) {
    const canary = interval(users.canary, newUsers.canary, hard, random)
    const primary = interval(users.primary, newUsers.primary, 0.1, random)
    if (canary.all.bad / canary.all.events > primary.all.bad / primary.all.events + margin)
      worse += 1
    if (worse >= 1) acted.add('raw1')
    if (worse >= 5) acted.add('raw5')
    events = addConditionalBlock(events, { canary: canary.all, primary: primary.all }, test)
    sums.canary = addDispersionWindow(sums.canary, canary.all)
    sums.primary = addDispersionWindow(sums.primary, primary.all)
    const dispersion = dispersionOf([sums.canary, sums.primary])
    if (isProved(conditionalEvidence(events, test, dispersion).lnEFail, 0.01)) acted.add('events')
    const arms = { canary: canary.first, primary: primary.first }
    clusters = addClusterDifferences(clusters, arms, { margin, random: () => random.uniform() })
    const evidence = clusterDifferenceEvidence(clusters)
    if (isProved(evidence.lnEFail, 0.01)) acted.add('clusters')
    if (isProved(evidence.lnEPass, 0.05)) acted.add('pass')
  }
  return acted
}

/** The requests of all users of an arm, and of those that came now. */
function interval(users: User[], arriving: number, hard: number, random: Random) {
  const first: Cluster[] = []
  let all = noCounts
  const send = (user: User): RateCounts => {
    const events = 1 + Math.floor(random.uniform() * 20)
    const counts = { events, bad: binomial(random, events, user.rate) }
    all = addCounts(all, counts)
    user.left -= 1
    return counts
  }
  for (const user of users) if (user.left > 0) send(user)
  for (let at = 0; at < arriving; at += 1) {
    const user = { rate: random.uniform() < hard ? rates.hard : rates.easy, left: stays }
    users.push(user)
    const counts = send(user)
    first.push({ best: counts, worst: counts })
  }
  return { all, first }
}
