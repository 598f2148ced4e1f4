import t from 'tap'
import {
  addClusterDifferences,
  clusterDifferenceEvidence,
  noClusterDifference
} from '../../../analysis/statistics/clusters/cluster-difference.ts'
import {
  addSizes,
  cappedCounts,
  noSizes,
  weightCap
} from '../../../analysis/statistics/clusters/cluster.ts'
import {
  addClusters,
  clusterRateEvidence,
  noClusterRate
} from '../../../analysis/statistics/clusters/cluster-rate.ts'
import { seededRandom } from '../../../analysis/replay/seeded-random.ts'

const exact = (events: number, bad: number) => ({ best: { events, bad }, worst: { events, bad } })
const budget = { limit: 0.08, margin: 0.02 }

t.test('a cluster of one event is a bet of at most a twentieth', t => {
  const state = addClusters(noClusterRate, [exact(1, 1)], budget)
  const stakes = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]
  const mean = (each: (stake: number) => number) =>
    Math.log(stakes.reduce((sum, stake) => sum + each(stake), 0) / stakes.length)
  const { lnEFail, lnEPass } = clusterRateEvidence(state)
  t.equal(lnEFail.toFixed(12), mean(stake => 1 + ((stake / 0.08) * 0.92) / 20).toFixed(12))
  t.equal(lnEPass.toFixed(12), mean(stake => 1 + ((stake / 0.9) * (0.1 - 1)) / 20).toFixed(12))
  t.end()
})

t.test('the mean of a bet is 1 at the limit, also where small clusters are the worse ones', t => {
  // One of twenty clusters has 20 events, which are good; the others one event each.
  const share = (0.08 * (0.05 * 20 + 0.95)) / 0.95
  const start = addClusters(noClusterRate, [], budget)
  const worlds = [
    { weight: 0.05, cluster: exact(20, 0) },
    { weight: 0.95 * share, cluster: exact(1, 1) },
    { weight: 0.95 * (1 - share), cluster: exact(1, 0) }
  ]
  const mean = worlds.reduce((sum, { weight, cluster }) => {
    const { lnEFail } = clusterRateEvidence(addClusters(start, [cluster], budget))
    return sum + weight * Math.exp(lnEFail)
  }, 0)
  t.equal(mean.toFixed(12), '1.000000000000')
  t.end()
})

t.test('the weight comes from earlier blocks', t => {
  const block = Array.from({ length: 30 }, () => exact(2, 0))
  t.equal(weightCap(addSizes(noSizes, block.slice(1))), 20)
  t.equal(weightCap(addSizes(noSizes, block)), 2)
  t.equal(weightCap(addSizes(noSizes, [...block, exact(500, 0)])), 20)
  t.same(cappedCounts({ events: 40, bad: 10 }, 20), { events: 20, bad: 5 })
  t.same(cappedCounts({ events: 4, bad: 1 }, 20), { events: 4, bad: 1 })
  t.end()
})

t.test('users that stay in their arm do not fail a canary that is the same model', t => {
  const runs = 300
  let failed = 0
  for (let seed = 1; seed <= runs; seed += 1) {
    const random = seededRandom(seed)
    let state = noClusterDifference
    let lnEFail = 0
    for (let block = 0; block < 30; block += 1) {
      // A tenth of the users get 80 % wrong answers, the others 2 %.
      const users = (count: number) =>
        Array.from({ length: count }, () => {
          const rate = random() < 0.1 ? 0.8 : 0.02
          const events = 1 + Math.floor(random() * 20)
          let bad = 0
          for (let event = 0; event < events; event += 1) if (random() < rate) bad += 1
          return exact(events, bad)
        })
      const arms = { canary: users(10), primary: users(35) }
      state = addClusterDifferences(state, arms, { margin: 0.02, random })
      lnEFail = Math.max(lnEFail, clusterDifferenceEvidence(state).lnEFail)
    }
    if (lnEFail >= Math.log(100)) failed += 1
  }
  t.ok(failed <= 3, `${failed} of ${runs}`)
  t.end()
})

t.test('a canary that is worse for its users is found, and an equal one passes', t => {
  const random = seededRandom(7)
  const users = (count: number, rate: number) =>
    Array.from({ length: count }, () => exact(5, random() < rate ? 5 : 0))
  const evidence = (rate: number, blocks: number) => {
    let state = noClusterDifference
    for (let block = 0; block < blocks; block += 1) {
      const arms = { canary: users(20, rate), primary: users(80, 0.05) }
      state = addClusterDifferences(state, arms, { margin: 0.05, random })
    }
    return clusterDifferenceEvidence(state)
  }
  t.ok(evidence(0.2, 15).lnEFail >= Math.log(100))
  t.ok(evidence(0.05, 40).lnEPass >= Math.log(20))
  t.end()
})
