import fc from 'fast-check'
import t from 'tap'
import {
  addConditionalBlock,
  conditionalEvidence,
  conditionalTest,
  noConditionalEvidence
} from '../../../analysis/statistics/comparison/conditional-evidence.ts'
import { pairEvidence } from '../../../analysis/statistics/comparison/pair-evidence.ts'
import type { Block } from '../../../analysis/statistics/counts.ts'
import { isProved } from '../../../analysis/statistics/evidence.ts'
import { logHypergeometric } from '../../../analysis/statistics/numeric/hypergeometric.ts'
import { block, chanceOf, tables } from './tables.ts'

const usual = conditionalTest({ nullOdds: 1, tolerance: 1.5 })

const oneBlock = (table: Block, test = usual) =>
  conditionalEvidence(addConditionalBlock(noConditionalEvidence(test), table, test), test)

t.test('Given the total of bad events, the mean e-value is exactly 1 at equal odds', t => {
  let tablesSeen = 0
  for (const [canary, primary] of [
    [1, 1],
    [3, 8],
    [8, 3],
    [6, 6],
    [12, 40]
  ] as const) {
    for (let bad = 0; bad <= canary + primary; bad++) {
      let mean = 0
      const margins = { first: canary, second: primary, bad }
      for (let x = Math.max(0, bad - primary); x <= Math.min(canary, bad); x++) {
        const { lnEFail } = oneBlock(block(x, canary, bad - x, primary))
        mean += Math.exp(logHypergeometric(x, margins) + lnEFail)
        tablesSeen++
      }
      if (Math.abs(mean - 1) > 1e-11) t.fail(`${canary}, ${primary}, ${bad}: ${mean}`)
    }
  }
  t.ok(tablesSeen > 500)
  t.end()
})

t.test('The mean e-value is at most 1 under every rate of the null hypothesis', t => {
  const rates = [0.02, 0.1, 0.3, 0.5, 0.8]
  const odds = (rate: number) => rate / (1 - rate)
  const test = conditionalTest({ nullOdds: 1.2, tolerance: 1.8 })
  let most = 0
  for (const [canary, primary] of [
    [2, 5],
    [6, 6],
    [7, 3]
  ] as const) {
    for (const canaryRate of rates) {
      for (const primaryRate of rates) {
        let [fail, pass] = [0, 0]
        for (const table of tables(canary, primary)) {
          const chance = chanceOf(table, canaryRate, primaryRate)
          const { lnEFail, lnEPass } = oneBlock(table, test)
          fail += chance * Math.exp(lnEFail)
          pass += chance * Math.exp(lnEPass)
        }
        const ratio = odds(canaryRate) / odds(primaryRate)
        if (ratio <= 1.2) most = Math.max(most, fail)
        if (ratio >= 1.8) most = Math.max(most, pass)
        if (ratio > 1.2 && fail <= 1) t.fail(`no power at ${canaryRate} and ${primaryRate}`)
      }
    }
  }
  t.ok(most <= 1 + 1e-11 && most > 0.5, `at most ${most}`)
  t.end()
})

t.test('The mean e-value of two blocks with different traffic is 1 too', t => {
  let mean = 0
  for (const first of tables(3, 4)) {
    for (const second of tables(4, 2)) {
      const state = [first, second].reduce(
        (before, next) => addConditionalBlock(before, next, usual),
        noConditionalEvidence(usual)
      )
      const chance = chanceOf(first, 0.1, 0.1) * chanceOf(second, 0.4, 0.4)
      mean += chance * Math.exp(conditionalEvidence(state, usual).lnEFail)
    }
  }
  t.ok(Math.abs(mean - 1) < 1e-11, `${mean}`)
  t.end()
})

const anyBlock = fc
  .tuple(
    fc.nat(400),
    fc.nat(400),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true })
  )
  .map(([canary, primary, a, b]) =>
    block(Math.round(a * canary), canary, Math.round(b * primary), primary)
  )

t.test('Closed blocks may be added in any order', t => {
  fc.assert(
    fc.property(fc.array(anyBlock, { maxLength: 8 }), blocks => {
      const follow = (all: readonly Block[]) =>
        conditionalEvidence(
          all.reduce(
            (state, next) => addConditionalBlock(state, next, usual),
            noConditionalEvidence(usual)
          ),
          usual
        )
      const forwards = follow(blocks)
      const backwards = follow([...blocks].reverse())
      const error = 1e-9 * (1 + Math.abs(forwards.lnEFail) + Math.abs(forwards.lnEPass))
      return (
        Math.abs(forwards.lnEFail - backwards.lnEFail) <= error &&
        Math.abs(forwards.lnEPass - backwards.lnEPass) <= error
      )
    })
  )
  t.end()
})

t.test('A bad event of the canary adds to FAIL, one of the primary to PASS', t => {
  fc.assert(
    fc.property(anyBlock, table => {
      const { canary, primary } = table
      const before = oneBlock(table)
      const worse = oneBlock(block(canary.bad + 1, canary.events, primary.bad, primary.events))
      const better = oneBlock(block(canary.bad, canary.events, primary.bad + 1, primary.events))
      const error = 1e-9
      const isWhole = (at: Block) => at.canary.bad + at.primary.bad < canary.events + primary.events
      return (
        canary.bad >= canary.events ||
        primary.bad >= primary.events ||
        !isWhole(table) ||
        canary.bad + primary.bad + 1 >= canary.events + primary.events ||
        canary.bad + primary.bad === 0 ||
        (worse.lnEFail >= before.lnEFail - error && better.lnEFail <= before.lnEFail + error)
      )
    })
  )
  t.end()
})

t.test('A block with one possible outcome changes nothing; the state is plain JSON', t => {
  const start = noConditionalEvidence(usual)
  for (const empty of [
    block(0, 0, 3, 10),
    block(3, 10, 0, 0),
    block(0, 10, 0, 10),
    block(10, 10, 10, 10)
  ]) {
    t.same(addConditionalBlock(start, empty, usual), start)
  }
  const state = addConditionalBlock(start, block(25, 200, 50, 800), usual)
  t.same(JSON.parse(JSON.stringify(state)), state)
  t.equal(state.fail.length, 13)
  const whole = conditionalEvidence(state, usual).lnEFail
  const divided = conditionalEvidence(state, usual, 4).lnEFail
  t.ok(divided > 0 && divided < whole / 2)
  t.end()
})

t.test('Drift that both arms share is not evidence, whatever the traffic split', t => {
  const blocks = Array.from({ length: 40 }, (_, at) => {
    const weight = 0.05 + 0.01 * at
    const rate = 0.04 + 0.0015 * at
    const [canary, primary] = [Math.round(10_000 * weight), Math.round(10_000 * (1 - weight))]
    return block(Math.round(canary * rate), canary, Math.round(primary * rate), primary)
  })
  const state = blocks.reduce(
    (before, next) => addConditionalBlock(before, next, usual),
    noConditionalEvidence(usual)
  )
  const { lnEFail, lnEPass } = conditionalEvidence(state, usual)
  t.notOk(isProved(lnEFail, 0.5))
  t.ok(isProved(lnEPass, 0.05))
  t.end()
})

t.test('Only pairs that exactly one arm got wrong count', t => {
  const pairs = (onlyCanaryBad: number, onlyPrimaryBad: number, all = 400) =>
    pairEvidence({ pairs: all, onlyCanaryBad, onlyPrimaryBad }, 0.02)
  t.same(pairs(0, 0, 0), { lnEFail: 0, lnEPass: 0 })
  t.ok(isProved(pairs(60, 20).lnEFail, 0.01))
  t.ok(isProved(pairs(20, 60).lnEPass, 0.05))
  t.notOk(isProved(pairs(40, 40).lnEFail, 0.5))
  t.notOk(isProved(pairs(0, 0, 224).lnEPass, 0.05))
  t.ok(isProved(pairs(0, 0, 225).lnEPass, 0.05), 'two identical models')
  t.end()
})
