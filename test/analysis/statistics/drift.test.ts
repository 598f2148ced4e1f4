import fc from 'fast-check'
import t from 'tap'
import {
  baselineShares,
  lnMultinomialEvidence
} from '../../../analysis/statistics/drift/dirichlet-multinomial.ts'
import {
  gradeStability,
  populationStability
} from '../../../analysis/statistics/drift/population-stability.ts'
import { addRateWindow, noRateDrift } from '../../../analysis/statistics/drift/rate-drift.ts'
import type { RateDrift } from '../../../analysis/statistics/drift/rate-drift.ts'
import { addToDetector, newDetector } from '../../../analysis/statistics/drift/shiryaev-roberts.ts'

const month = { limit: 0.06, direction: 'rise', windowsToFalseAlarm: 8640 } satisfies RateDrift

/** The number of windows of 200 events until an alarm, at most 500. */
function delay(bad: number, drift: RateDrift, dispersion = 1): number | undefined {
  let detector = noRateDrift
  for (let window = 1; window <= 500; window++) {
    const step = addRateWindow(detector, { events: 200, bad }, drift, dispersion)
    if (step.isAlarm) return window
    detector = step.detector
  }
  return undefined
}

t.test('The detector computes its recursion in logarithms', t => {
  const options = { lnWeights: [Math.log(0.25), Math.log(0.75)], windowsToFalseAlarm: 10 }
  const ratios = [
    [2, 0.5],
    [3, 1],
    [0.25, 4],
    [6, 8]
  ] as const
  let m = [0, 0]
  let detector = newDetector(2)
  const found: (readonly [string, boolean])[] = []
  const expected: (readonly [string, boolean])[] = []
  for (const [one, other] of ratios) {
    m = [(1 + (m[0] ?? 0)) * one, (1 + (m[1] ?? 0)) * other]
    const sum = 0.25 * (m[0] ?? 0) + 0.75 * (m[1] ?? 0)
    expected.push([sum.toFixed(9), sum >= 10])
    const step = addToDetector(detector, [Math.log(one), Math.log(other)], options)
    found.push([Math.exp(step.lnM).toFixed(9), step.isAlarm])
    detector = step.detector
  }
  t.same(found, expected)
  t.same(detector, [0, 0], 'it starts again after the alarm')
  t.end()
})

t.test('A higher rate raises an alarm sooner; a rate within its limit raises none', t => {
  const delays = [12, 14, 16, 20, 24, 30].map(bad => delay(bad, month))
  t.same(delays, [undefined, 57, 17, 5, 3, 2])
  t.ok((delay(20, month, 4) ?? 0) > 10, 'with bursts it takes longer')
  t.equal(delay(0, month), undefined)
  const fall = { ...month, direction: 'fall' } as const
  t.equal(delay(12, fall), undefined)
  t.ok((delay(2, fall) ?? 99) < 6)
  t.ok(Number.isFinite(addRateWindow(noRateDrift, { events: 0, bad: 0 }, month).lnM))
  t.end()
})

t.test('A window multiplies the evidence by 1 in the mean at the limit', t => {
  let chance = 0.94 ** 20
  let mean = 0
  for (let bad = 0; bad <= 20; bad++) {
    mean += chance * Math.exp(addRateWindow(noRateDrift, { events: 20, bad }, month).lnM)
    chance *= ((20 - bad) / (bad + 1)) * (0.06 / 0.94)
  }
  t.ok(Math.abs(mean - 1) < 1e-12, `${mean}`)
  t.end()
})

t.test('The stability index and its expected noise', t => {
  const baseline = [1000, 1000, 1000, 1000]
  const same = populationStability(baseline, [250, 250, 250, 250])
  t.ok(same.index < 1e-8)
  t.equal(same.expectedNoise, 3 * (1 / 1000 + 1 / 4000))
  t.equal(gradeStability(same), 'stable')
  const moved = populationStability(baseline, [100, 200, 300, 400])
  t.equal(moved.index.toFixed(4), '0.2272')
  t.equal(moved.degrees, 3)
  t.equal(moved.chiSquared.toFixed(1), '181.7')
  t.equal(gradeStability(moved), 'alarm')
  t.equal(gradeStability(populationStability(baseline, [150, 220, 280, 350])), 'stable')
  t.equal(gradeStability(populationStability(baseline, [130, 200, 290, 380])), 'warning')
  const few = populationStability(baseline, [3, 2, 3, 7])
  t.ok(few.index > 0.1 && gradeStability(few) === 'stable', 'fifteen events are mostly noise')
  fc.assert(
    fc.property(fc.array(fc.nat(500), { minLength: 2, maxLength: 12 }), counts => {
      const { index } = populationStability(
        counts.map(count => count + 1),
        counts
      )
      return index >= 0 && Number.isFinite(index)
    })
  )
  t.end()
})

t.test('Evidence of bins starts at 0, has the mean 1 without drift and grows with a shift', t => {
  const shares = [0.5, 0.3, 0.2]
  t.equal(lnMultinomialEvidence([0, 0, 0], shares), 0)
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
  let mean = 0
  for (let a = 0; a <= 6; a++) {
    for (let b = 0; a + b <= 6; b++) {
      const counts = [a, b, 6 - a - b]
      const chance = counts.reduce(
        (product, count, at) => (product * (shares[at] ?? 0) ** count) / factorial(count),
        factorial(6)
      )
      mean += chance * Math.exp(lnMultinomialEvidence(counts, shares))
    }
  }
  t.ok(Math.abs(mean - 1) < 1e-12, `${mean}`)
  t.ok(lnMultinomialEvidence([250, 150, 100], shares) < 0)
  t.ok(lnMultinomialEvidence([150, 150, 200], shares) > 20)
  t.same(baselineShares([0, 9]), [0.05, 0.95])
  t.end()
})
