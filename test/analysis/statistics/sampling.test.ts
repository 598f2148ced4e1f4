import fc from 'fast-check'
import t from 'tap'
import {
  blockBounds,
  countsAtBest,
  countsAtWorst
} from '../../../analysis/statistics/sampling/missing-labels.ts'
import { failThreshold, passThreshold } from '../../../analysis/statistics/budget.ts'
import {
  addDispersionWindow,
  dispersionOf,
  noDispersion
} from '../../../analysis/statistics/sampling/dispersion.ts'
import type { RateCounts } from '../../../analysis/statistics/counts.ts'
import {
  addCoverageBlock,
  areLabelledDifferently,
  noLabelCoverage
} from '../../../analysis/statistics/sampling/label-coverage.ts'
import { block } from './tables.ts'

const sums = (windows: readonly RateCounts[]) => windows.reduce(addDispersionWindow, noDispersion)

/** The definition, window by window. */
function pearson(...arms: readonly (readonly RateCounts[])[]): number {
  let [statistic, degrees] = [0, 0]
  for (const windows of arms) {
    const events = windows.reduce((sum, window) => sum + window.events, 0)
    const rate = windows.reduce((sum, window) => sum + window.bad, 0) / events
    for (const { events: n, bad } of windows) {
      statistic += (bad - n * rate) ** 2 / (n * rate * (1 - rate))
    }
    degrees += windows.length - 1
  }
  return Math.max(1, statistic / degrees)
}

t.test('Dispersion is Pearson’s statistic divided by the degrees of freedom, at least 1', t => {
  const window = fc
    .tuple(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 0.5, noNaN: true }))
    .map(([events, share]) => ({ events, bad: Math.ceil(share * events) }))
  fc.assert(
    fc.property(
      fc.array(window, { minLength: 10, maxLength: 30 }),
      fc.array(window, { minLength: 1, maxLength: 20 }),
      (primary, canary) => {
        const arms = [primary, canary].filter(arm => arm.some(({ bad, events }) => bad < events))
        fc.pre(arms.length === 2 && arms.every(arm => arm.some(({ bad }) => bad > 0)))
        const expected = pearson(...arms)
        const found = dispersionOf([sums(primary), sums([...canary].reverse())])
        return Math.abs(found - expected) <= 1e-6 * expected
      }
    )
  )
  t.end()
})

t.test('Dispersion is 1 with too few windows and with equal windows', t => {
  const even = Array.from({ length: 12 }, () => ({ events: 500, bad: 40 }))
  const bursts = even.map((counts, at) => ({ ...counts, bad: at % 2 === 0 ? 10 : 70 }))
  t.equal(dispersionOf([]), 1)
  t.equal(dispersionOf([noDispersion, noDispersion]), 1)
  t.equal(dispersionOf([sums(even)]), 1)
  t.equal(dispersionOf([sums(bursts.slice(0, 1)), sums(bursts.slice(0, 1))]), 1)
  t.equal(dispersionOf([sums(bursts.slice(0, 2))]).toFixed(2), '48.91')
  t.equal(dispersionOf([sums(bursts.slice(0, 9))], 10), 1, 'nine windows, ten required')
  t.equal(dispersionOf([sums(bursts)], 10).toFixed(2), '26.68')
  t.equal(dispersionOf([sums(bursts.slice(0, 6)), sums(bursts.slice(6))]).toFixed(2), '29.35')
  const perfect = sums(even.map(counts => ({ ...counts, bad: 0 })))
  t.equal(dispersionOf([perfect]), 1)
  t.equal(dispersionOf([perfect, sums(bursts)]), dispersionOf([sums(bursts)]))
  t.same(addDispersionWindow(noDispersion, { events: 0, bad: 0 }), noDispersion)
  t.end()
})

t.test('Arms whose predictions are labelled differently are found in either direction', t => {
  const follow = (canary: number, primary: number, blocks: number) => {
    let state = noLabelCoverage
    for (let i = 0; i < blocks; i++) {
      state = addCoverageBlock(state, block(canary, 200, primary, 800))
    }
    return state
  }
  t.notOk(areLabelledDifferently(noLabelCoverage, 0.01))
  t.notOk(areLabelledDifferently(follow(20, 80, 10), 0.01), 'the same share')
  t.notOk(areLabelledDifferently(follow(120, 480, 10), 0.01), 'the same share, however low')
  t.ok(areLabelledDifferently(follow(30, 40, 5), 0.01), '85 % against 95 %')
  t.ok(areLabelledDifferently(follow(5, 80, 10), 0.01), '97.5 % against 90 %')
  const state = follow(5, 80, 2)
  t.same(JSON.parse(JSON.stringify(state)), state)
  t.end()
})

t.test('A missing label counts as good for FAIL and as bad for PASS, in each arm', t => {
  const canary = { labelled: { events: 60, bad: 6 }, missingGood: 40, missingBad: 40 }
  t.same(countsAtBest(canary), { events: 100, bad: 6 })
  t.same(countsAtWorst(canary), { events: 100, bad: 46 })
  const recall = { labelled: { events: 80, bad: 4 }, missingGood: 15, missingBad: 5 }
  t.same(countsAtBest(recall), { events: 95, bad: 4 })
  t.same(countsAtWorst(recall), { events: 85, bad: 9 })
  t.same(blockBounds({ canary, primary: recall }), {
    fail: { canary: { events: 100, bad: 6 }, primary: { events: 85, bad: 9 } },
    pass: { canary: { events: 100, bad: 46 }, primary: { events: 95, bad: 4 } }
  })
  t.end()
})

t.test('The objectives share the error budget', t => {
  t.equal(Math.exp(failThreshold(0.01, 1 / 3)).toFixed(6), '300.000000')
  t.equal(Math.exp(passThreshold(0.05)).toFixed(6), '20.000000')
  t.end()
})
