import t from 'tap'
import {
  addMarginBlock,
  marginEvidence,
  noMarginEvidence
} from '../../../analysis/statistics/comparison/margin-evidence.ts'
import type { RateDifference } from '../../../analysis/statistics/comparison/margin-evidence.ts'
import { projectOnMargin } from '../../../analysis/statistics/comparison/margin-projection.ts'
import { isProved } from '../../../analysis/statistics/evidence.ts'
import { block, chanceOf, tables } from './tables.ts'

t.test('The projection on a margin equals the figure of docs/statistics/comparison.md', t => {
  const found = projectOnMargin({ canary: 0.12, primary: 0.06 }, 0.01, {
    canary: 200,
    primary: 800
  })
  t.same([found.canary.toFixed(7), found.primary.toFixed(7)], ['0.0790413', '0.0690413'])
  t.same(projectOnMargin({ canary: 0.2, primary: 0.1 }, 0, { canary: 1, primary: 3 }), {
    canary: 0.125,
    primary: 0.125
  })
  t.end()
})

t.test(
  'A block of a margin has a mean e-value of at most 1 under every rate of the null hypothesis',
  t => {
    const differences: readonly RateDifference[] = [
      { limit: 0, margin: 0.05, expectedRate: 0.1 },
      { limit: 0.02, margin: 0.1, expectedRate: 0.3 },
      { limit: 0.1, margin: 0, expectedRate: 0.02 }
    ]
    const rates = [0.001, 0.02, 0.1, 0.2, 0.4, 0.7, 0.95]
    let [most, power] = [0, 0]
    for (const difference of differences) {
      const start = addMarginBlock(noMarginEvidence(difference), block(0, 1, 3, 9), difference)
      const before = marginEvidence(start, difference)
      for (const [canary, primary] of [
        [1, 6],
        [5, 5],
        [8, 2]
      ] as const) {
        for (const primaryRate of rates) {
          for (const excess of [-0.3, -0.05, 0, 0.02, 0.05, 0.1, 0.12, 0.3]) {
            const canaryRate = primaryRate + excess
            if (canaryRate <= 0 || canaryRate >= 1) continue
            let [fail, pass] = [0, 0]
            for (const table of tables(canary, primary)) {
              const chance = chanceOf(table, canaryRate, primaryRate)
              const state = addMarginBlock(start, table, difference)
              const { lnEFail, lnEPass } = marginEvidence(state, difference)
              fail += chance * Math.exp(lnEFail - before.lnEFail)
              pass += chance * Math.exp(lnEPass - before.lnEPass)
            }
            if (excess <= difference.limit + 1e-12) most = Math.max(most, fail)
            else power = Math.max(power, fail)
            if (excess >= difference.limit + difference.margin - 1e-12) most = Math.max(most, pass)
          }
        }
      }
    }
    t.ok(most <= 1 + 1e-9 && most > 0.9, `at most ${most}`)
    t.ok(power > 1.5, `up to ${power} beyond the margin`)
    t.end()
  }
)

t.test('A margin is proved to be exceeded, proved to be kept, or undecided', t => {
  const difference = { limit: 0, margin: 0.02, expectedRate: 0.06 }
  const follow = (canaryBad: number, blocks: number) =>
    Array.from({ length: blocks }).reduce<ReturnType<typeof noMarginEvidence>>(
      state => addMarginBlock(state, block(canaryBad, 500, 120, 2000), difference),
      noMarginEvidence(difference)
    )
  const start = marginEvidence(noMarginEvidence(difference), difference)
  t.ok(Math.abs(start.lnEFail) < 1e-12 && Math.abs(start.lnEPass) < 1e-12)
  const worse = marginEvidence(follow(45, 10), difference)
  t.ok(isProved(worse.lnEFail, 0.01) && !isProved(worse.lnEPass, 0.5))
  const equal = marginEvidence(follow(30, 10), difference)
  t.ok(isProved(equal.lnEPass, 0.05) && !isProved(equal.lnEFail, 0.5))
  const within = marginEvidence(follow(35, 2), difference)
  t.notOk(isProved(within.lnEPass, 0.05) || isProved(within.lnEFail, 0.01))
  const state = follow(45, 3)
  t.same(state.primary, { events: 6000, bad: 360 })
  t.same(JSON.parse(JSON.stringify(state)), state)
  t.same(addMarginBlock(state, block(0, 0, 5, 50), difference), state)
  const alone = { limit: 0.01, margin: 0, expectedRate: 0 }
  t.equal(noMarginEvidence(alone).fail.length, 12)
  t.ok(
    Number.isFinite(
      marginEvidence(addMarginBlock(noMarginEvidence(alone), block(3, 9, 0, 9), alone), alone)
        .lnEFail
    )
  )
  t.end()
})
