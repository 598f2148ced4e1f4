import t from 'tap'
import {
  addConditionalBlock,
  conditionalEvidence,
  conditionalTest,
  noConditionalEvidence
} from '../../../analysis/statistics/comparison/conditional-evidence.ts'
import type { Block } from '../../../analysis/statistics/counts.ts'
import { logNormaliser } from '../../../analysis/statistics/numeric/hypergeometric.ts'
import { rateEvidence, rateTest } from '../../../analysis/statistics/rate/rate-evidence.ts'

/** Figures of docs/statistics.md, computed with SciPy to six decimals. */
const digits = (value: number) => Number(value.toFixed(6))

t.test('Evidence against a precision of 0.92 equals the figures of SciPy', t => {
  const test = rateTest({ limit: 0.08, margin: 0.02 })
  const fail = [
    [100, 8, -0.619657],
    [200, 30, 3.618662],
    [500, 60, 3.514009],
    [1000, 80, -2.418954]
  ] as const
  const pass = [
    [500, 20, 10.467675],
    [1000, 60, 8.123014],
    [1000, 100, -2.541729]
  ] as const
  for (const [events, bad, expected] of fail) {
    t.equal(digits(rateEvidence(test, { events, bad }).lnEFail), expected, `${bad} of ${events}`)
  }
  for (const [events, bad, expected] of pass) {
    t.equal(digits(rateEvidence(test, { events, bad }).lnEPass), expected, `${bad} of ${events}`)
  }
  t.end()
})

t.test('Evidence against the primary equals the figures of SciPy, block by block', t => {
  const test = conditionalTest({ nullOdds: 1, tolerance: 1.5 })
  const block = (canary: number, primary: number): Block => ({
    canary: { events: 200, bad: canary },
    primary: { events: 800, bad: primary }
  })
  const follow = (...blocks: Block[]) =>
    conditionalEvidence(
      blocks.reduce(
        (state, next) => addConditionalBlock(state, next, test),
        noConditionalEvidence(test)
      ),
      test
    )
  t.equal(digits(follow(block(25, 50)).lnEFail), 2.964213)
  t.equal(digits(follow(block(25, 50), block(30, 48)).lnEFail), 9.257192)
  t.equal(digits(follow(block(10, 48), block(11, 50)).lnEPass), 2.380017)
  t.end()
})

t.test(
  'The normaliser of the noncentral hypergeometric distribution equals the figure of SciPy',
  t => {
    const found = logNormaliser({ first: 20, second: 80, bad: 9 }, 2)
    t.equal(Number(found.toFixed(9)), 1.601117095)
    t.end()
  }
)
