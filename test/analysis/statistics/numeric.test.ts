import fc from 'fast-check'
import t from 'tap'
import { defectOfCounts } from '../../../analysis/statistics/counts.ts'
import {
  isInformative,
  logHypergeometric,
  logNormaliser
} from '../../../analysis/statistics/numeric/hypergeometric.ts'
import type { Margins } from '../../../analysis/statistics/numeric/hypergeometric.ts'
import { logBeta, logChoose } from '../../../analysis/statistics/numeric/log-beta.ts'
import { logBinomial } from '../../../analysis/statistics/numeric/log-binomial.ts'
import { logGamma } from '../../../analysis/statistics/numeric/log-gamma.ts'
import {
  logMeanExp,
  logSumExp,
  softplus
} from '../../../analysis/statistics/numeric/log-sum-exp.ts'
import { oddsRatio, scaleOdds } from '../../../analysis/statistics/odds.ts'

const isNear = (found: number, expected: number, error: number) =>
  Math.abs(found - expected) <= error

t.test('Sums of exponentials neither overflow nor underflow', t => {
  t.equal(logSumExp([]), -Infinity)
  t.equal(logSumExp([-Infinity, -Infinity]), -Infinity)
  t.equal(logSumExp([Infinity, 0]), Infinity)
  t.equal(logSumExp([1000, 1000]), 1000 + Math.LN2)
  t.equal(logSumExp([-1000, -1000]), -1000 + Math.LN2)
  t.equal(logMeanExp([-2000, -2000, -2000]), -2000)
  t.equal(softplus(0), Math.LN2)
  t.equal(softplus(800), 800)
  t.equal(softplus(-40), Math.exp(-40))
  t.end()
})

t.test('Log-gamma is the logarithm of factorials and keeps its recurrence', t => {
  let factorial = 1
  for (let n = 1; n <= 20; n++) {
    factorial *= n
    t.ok(isNear(logGamma(n + 1), Math.log(factorial), 1e-13 * Math.max(1, Math.log(factorial))))
  }
  t.ok(isNear(logGamma(0.5), Math.log(Math.PI) / 2, 1e-14))
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), x => {
      const above = logGamma(x + 1)
      return isNear(logGamma(x) + Math.log(x), above, 3e-13 * Math.max(1, Math.abs(above)))
    })
  )
  t.ok(isNear(logBeta(3, 4), Math.log(1 / 60), 1e-13))
  t.ok(isNear(logChoose(10, 3), Math.log(120), 1e-12))
  t.same(
    [logChoose(5, 0), logChoose(5, 5), logChoose(5, 6), logChoose(5, -1)],
    [0, 0, -Infinity, -Infinity]
  )
  t.end()
})

t.test('Binomial probabilities sum to 1, also of thousands of trials', t => {
  for (const whole of [0, 1, 7, 15, 16, 100, 3000]) {
    for (const rate of [0.001, 0.08, 0.5, 0.97]) {
      const all = Array.from({ length: whole + 1 }, (_, part) =>
        logBinomial(part, whole, { rate, rest: 1 - rate })
      )
      t.ok(isNear(logSumExp(all), 0, 1e-11), `${whole} trials at ${rate}`)
    }
  }
  t.end()
})

function bruteNormaliser(margins: Margins, odds: number): number {
  const { first, second, bad } = margins
  const terms: number[] = []
  for (let i = Math.max(0, bad - second); i <= Math.min(first, bad); i++) {
    const ways = logChoose(first, i) + logChoose(second, bad - i) - logChoose(first + second, bad)
    terms.push(ways + i * Math.log(odds))
  }
  return logSumExp(terms)
}

t.test('The normaliser is the whole sum for every position of the mode', t => {
  const group = fc.integer({ min: 1, max: 300 })
  fc.assert(
    fc.property(
      fc.tuple(group, group, fc.double({ min: 0, max: 1, noNaN: true })),
      fc.double({ min: Math.log(1e-3), max: Math.log(1e3), noNaN: true }),
      ([first, second, share], lnOdds) => {
        const margins = { first, second, bad: Math.round(share * (first + second)) }
        const odds = Math.exp(lnOdds)
        return isNear(logNormaliser(margins, odds), bruteNormaliser(margins, odds), 1e-9)
      }
    ),
    { numRuns: 500 }
  )
  t.end()
})

t.test('The normaliser keeps its digits at ten million events', t => {
  const margins = { first: 1_000_000, second: 9_000_000, bad: 600_000 }
  const step = 1e-4
  const slope = (logNormaliser(margins, 1 + step) - logNormaliser(margins, 1 - step)) / (2 * step)
  t.ok(isNear(slope, 60_000, 1e-3), `its slope at odds 1 is the mean: ${slope}`)
  t.equal(logNormaliser(margins, 1), 0)
  const swapped = { first: margins.second, second: margins.first, bad: margins.bad }
  const other = logNormaliser(swapped, 1 / 1.3) + margins.bad * Math.log(1.3)
  t.ok(isNear(logNormaliser(margins, 1.3), other, 1e-8), 'either group may be the first')
  t.end()
})

t.test(
  'Hypergeometric probabilities sum to 1; a table with one possible outcome is not informative',
  t => {
    const margins = { first: 40, second: 60, bad: 70 }
    const all = Array.from({ length: 31 }, (_, at) => logHypergeometric(10 + at, margins))
    t.ok(isNear(logSumExp(all), 0, 1e-12))
    t.ok(isInformative(margins))
    for (const [first, second, bad] of [
      [0, 10, 3],
      [10, 0, 3],
      [10, 10, 0],
      [10, 10, 20]
    ] as const) {
      t.notOk(isInformative({ first, second, bad }))
    }
    t.end()
  }
)

t.test('Scaling odds and their ratio are inverse', t => {
  t.ok(Math.abs(scaleOdds(oddsRatio(0.1, 0.08), 0.08) - 0.1) < 1e-15)
  t.equal(scaleOdds(3, 0), 0)
  t.equal(scaleOdds(3, 1), 1)
  t.end()
})

t.test('Impossible counts have a defect', t => {
  t.same(
    [
      defectOfCounts({ events: 5, bad: 5 }),
      defectOfCounts({ events: NaN, bad: 0 }),
      defectOfCounts({ events: 3, bad: -1 }),
      defectOfCounts({ events: 3, bad: 4 })
    ],
    [undefined, 'a count is not a number', 'a count is negative', 'more bad events than events']
  )
  t.end()
})
