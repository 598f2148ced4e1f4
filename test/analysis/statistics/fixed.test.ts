import t from 'tap'
import { seededRandom } from '../../../analysis/replay/seeded-random.ts'
import { addCounts, noCounts } from '../../../analysis/statistics/counts.ts'
import { areaUnderCurve } from '../../../analysis/statistics/fixed/area-under-curve.ts'
import { binomialInterval } from '../../../analysis/statistics/fixed/binomial-interval.ts'
import { effectiveCounts } from '../../../analysis/statistics/fixed/effective-counts.ts'
import { linearInterval } from '../../../analysis/statistics/fixed/linear-interval.ts'
import { meanInterval } from '../../../analysis/statistics/fixed/mean-interval.ts'
import { mcNemar, pairedInterval } from '../../../analysis/statistics/fixed/paired-difference.ts'
import { incompleteBeta } from '../../../analysis/statistics/numeric/incomplete-beta.ts'
import { studentQuantile } from '../../../analysis/statistics/numeric/student-quantile.ts'

const digits = (value: number) => Number(value.toFixed(8))
const levels = { low: 0.01, high: 0.05 }

t.test('One-look figures equal those of SciPy 1.17', t => {
  // scipy.special.betainc, scipy.stats.t.isf, scipy.stats.beta.ppf and isf, scipy.stats.binom.sf
  t.equal(digits(incompleteBeta(0.3, 2, 5)), 0.579825)
  t.equal(digits(incompleteBeta(0.01, 11, 990)), 0.4169592)
  t.equal(digits(incompleteBeta(0.079, 80_000, 920_001)), 0.00010829)
  t.equal(digits(studentQuantile(0.05, 9)), 1.83311293)
  t.equal(digits(studentQuantile(0.01, 3)), 4.54070286)
  const rate = binomialInterval({ events: 500, bad: 40 }, levels)
  t.same([digits(rate.low), digits(rate.high)], [0.0542145, 0.10286754])
  t.equal(digits(binomialInterval({ events: 149, bad: 0 }, levels).high), 0.01990482)
  const pairs = { pairs: 1_000, onlyCanaryBad: 30, onlyPrimaryBad: 25 }
  t.equal(digits(mcNemar(pairs)), 0.29502667)
  // The restricted likelihood was maximised numerically (scipy.optimize), not by the closed form.
  t.equal(digits(pairedInterval(pairs, levels).high), 0.01807842)
  // numpy sums over the values, solved with scipy.optimize.brentq
  const values = Array.from({ length: 500 }, (_, at) => (at % 10) / 20)
  const mean = meanInterval({ values, missing: 0 }, levels)
  t.same([digits(mean.low), digits(mean.high)], [0.20192055, 0.24273886])
  // The linearised variance of a ratio, with numpy
  const worth = effectiveCounts(
    [
      { events: 10, bad: 5 },
      { events: 8, bad: 0 },
      { events: 12, bad: 1 },
      { events: 9, bad: 0 }
    ],
    0.05
  )
  t.same([digits(worth.events), digits(worth.bad)], [4.72499097, 0.72692169])
  t.end()
})

t.test('The area under the curve counts every pair, ties half', t => {
  const scored = [0.1, 0.4, 0.35, 0.8, 0.4, 0.2].map((score, at) => ({
    score,
    isPositive: at >= 2 && at <= 4
  }))
  const curve = areaUnderCurve(scored)
  t.equal(digits(curve?.area ?? 0), 0.83333333)
  // DeLong's variance of these six, with numpy: the sum of squares times n/(n - 1) of each label.
  const squares = curve?.influences.reduce((sum, each) => sum + each * each, 0) ?? 0
  t.equal(digits((squares * 3) / 2), 0.03703704)
  t.equal(areaUnderCurve(scored.slice(0, 2)), undefined)
  t.end()
})

t.test('A paired PASS is wrong in at most its level, whatever both models get wrong', t => {
  const pairs = 100
  const lnFactorial = [0]
  for (let n = 1; n <= pairs; n++) lnFactorial.push((lnFactorial[n - 1] ?? 0) + Math.log(n))
  const ln = (n: number) => lnFactorial[n] ?? 0
  const power = (base: number, times: number) => (times === 0 ? 0 : times * Math.log(base))
  const tables = Array.from({ length: pairs + 1 }, (_, canary) => canary).flatMap(canary =>
    Array.from({ length: pairs - canary + 1 }, (_, primary) => {
      const counts = { pairs, onlyCanaryBad: canary, onlyPrimaryBad: primary }
      return { canary, primary, high: pairedInterval(counts, levels).high }
    })
  )
  for (const margin of [0.02, 0.05, 0.1]) {
    for (const shared of [0, 0.005, 0.02, 0.1, 0.3]) {
      let wrong = 0
      for (const { canary, primary, high } of tables) {
        if (high >= margin) continue
        const rest = pairs - canary - primary
        const lnP =
          ln(pairs) -
          ln(canary) -
          ln(primary) -
          ln(rest) +
          power(shared + margin, canary) +
          power(shared, primary) +
          power(1 - margin - 2 * shared, rest)
        wrong += Math.exp(lnP)
      }
      t.ok(wrong <= 0.05, `margin ${margin}, ${shared} only the primary's: ${wrong.toFixed(4)}`)
    }
  }
  t.end()
})

/** The share of `runs` in which a bound misses the truth. */
function missed(runs: number, seed: number, misses: (random: () => number) => boolean): number {
  const random = seededRandom(seed)
  return Array.from({ length: runs }, () => misses(random)).filter(Boolean).length / runs
}

t.test('Users that err together miss the rate in about the level, and rows alone often', t => {
  const file = (random: () => number) =>
    Array.from({ length: 100 }, () => {
      // Half of the users err in 2 % of their requests, half in 30 %; careless ones ask more.
      const isCareless = random() < 0.5
      const events = isCareless ? 12 : 6
      const bad = Array.from({ length: events }, () => random() < (isCareless ? 0.3 : 0.02))
      return { events, bad: bad.filter(Boolean).length }
    })
  const truth = (12 * 0.3 + 6 * 0.02) / 18
  const bySum = missed(1_000, 1, random => {
    const clusters = file(random)
    return binomialInterval(effectiveCounts(clusters, 0.05), { low: 0.05, high: 0.05 }).high < truth
  })
  const byRow = missed(1_000, 1, random => {
    const rows = file(random).reduce(addCounts, noCounts)
    return binomialInterval(rows, { low: 0.05, high: 0.05 }).high < truth
  })
  t.ok(bySum <= 0.065, `${bySum}`)
  t.ok(byRow > 0.08, `rows alone: ${byRow}`)
  t.end()
})

t.test('The interval of an area misses it in about the level', t => {
  // Two normal scores, one standard deviation apart: the area is Phi(1/sqrt 2).
  const truth = 0.7602499389
  const normal = (random: () => number) =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  for (const positives of [30, 150]) {
    const share = missed(600, positives, random => {
      const scored = Array.from({ length: 300 }, (_, at) => {
        const isPositive = at < positives
        return { score: normal(random) + (isPositive ? 1 : 0), isPositive }
      })
      const curve = areaUnderCurve(scored)
      if (curve === undefined) return true
      const figure = { estimate: curve.area, influences: curve.influences, events: positives }
      const { low, high } = linearInterval(figure, { low: 0.05, high: 0.05 })
      return low > truth || high < truth
    })
    t.ok(share <= 0.13, `${positives} positives: ${share} of two sides at 0.05 each`)
  }
  t.end()
})

t.test(
  'A mean at its limit is disproved in at most the level, for values that are rarely large',
  t => {
    const share = missed(600, 7, random => {
      const values = Array.from({ length: 300 }, () => (random() < 0.02 ? 1 : 0.05 * random()))
      const truth = 0.02 + 0.98 * 0.025
      const { low, high } = meanInterval({ values, missing: 0 }, { low: 0.05, high: 0.05 })
      return low > truth || high < truth
    })
    t.ok(share <= 0.1, `${share} of two sides at 0.05 each`)
    t.end()
  }
)
