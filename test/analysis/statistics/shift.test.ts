import t from 'tap'
import { seededRandom } from '../../../analysis/replay/seeded-random.ts'
import type { Block } from '../../../analysis/statistics/counts.ts'
import { scaleOdds } from '../../../analysis/statistics/odds.ts'
import {
  addShiftBlock,
  noShift,
  shiftEvidence,
  shiftOfAll,
  shiftTest
} from '../../../analysis/statistics/shift/shift-evidence.ts'

const test = shiftTest(1.5)

const block = (x: number, canary: number, y: number, primary: number): Block => ({
  canary: { events: canary, bad: x },
  primary: { events: primary, bad: y }
})

const after = (...blocks: Block[]) =>
  shiftEvidence(
    blocks.reduce((state, next) => addShiftBlock(state, next, test), noShift(test)),
    test
  )

const digits = (value: number) => Number(value.toFixed(6))

t.test('Evidence of a shift equals an exact sum over all tables', t => {
  // Of Python's exact integers: sum C(n_c, i) C(n_p, m - i) psi^i / C(n_c + n_p, m).
  const twice = after(block(40, 200, 80, 800), block(44, 200, 76, 800))
  t.same([twice.lnEMore, twice.lnELess].map(digits), [4.683833, -7.905179])
  const never = after(block(0, 100, 90, 900), block(0, 100, 80, 900))
  t.same([never.lnEMore, never.lnELess].map(digits), [-5.394612, 9.549857])
  t.end()
})

t.test('Both directions are one test with the arms exchanged', t => {
  const blocks = [block(3, 50, 40, 300), block(9, 60, 20, 200)]
  const there = after(...blocks)
  const back = after(...blocks.map(({ canary, primary }) => ({ canary: primary, primary: canary })))
  t.equal(there.lnEMore, back.lnELess)
  t.equal(there.lnELess, back.lnEMore)
  t.equal(there.lnEPass, back.lnEPass)
  t.end()
})

t.test('Each of two tests of each class has its share of alpha', t => {
  const of = (lnEMore: number, lnELess: number, lnEPass: number) => ({ lnEMore, lnELess, lnEPass })
  t.same(shiftOfAll([of(1, 9, 5), of(-2, 3, 4), of(0, 0, 7)]), {
    lnEFail: 9 - Math.log(6),
    lnEPass: 4
  })
  t.end()
})

t.test(
  'A block of one arm, or in which nobody predicts the class, is no evidence of a shift',
  t => {
    const { lnEMore, lnELess } = after(
      block(0, 100, 0, 900),
      block(0, 0, 90, 900),
      block(5, 100, 0, 0)
    )
    t.same([lnEMore, lnELess].map(digits), [0, 0])
    t.end()
  }
)

/** Shares of simulated runs of 30 blocks, looked at after each, in which a shift and a PASS are proved. */
function simulate(odds: number, runs: number): { readonly shift: number; readonly pass: number } {
  const random = seededRandom(20261201)
  const count = (events: number, rate: number) =>
    Array.from({ length: events }, () => random() < rate).filter(Boolean).length
  const rate = 0.1
  const found = Array.from({ length: runs }, () => {
    let state = noShift(test)
    let [isShift, isPass] = [false, false]
    for (let at = 0; at < 30; at += 1) {
      const canary = count(100, scaleOdds(odds, rate))
      state = addShiftBlock(state, block(canary, 100, count(300, rate), 300), test)
      const evidence = shiftOfAll([shiftEvidence(state, test)])
      if (evidence.lnEFail >= Math.log(100)) isShift = true
      if (evidence.lnEPass >= Math.log(20)) isPass = true
    }
    return { isShift, isPass }
  })
  return {
    shift: found.filter(({ isShift }) => isShift).length / runs,
    pass: found.filter(({ isPass }) => isPass).length / runs
  }
}

t.test(
  'Looked at after every block, verdicts at the tolerance are wrong in at most their level',
  t => {
    for (const odds of [1.5, 1 / 1.5]) {
      const { shift, pass } = simulate(odds, 300)
      // Three standard errors above 1 % and 5 %.
      t.ok(shift <= 0.027, `${odds} times the odds: shift in ${shift}`)
      t.ok(pass <= 0.088, `${odds} times the odds: PASS in ${pass}`)
    }
    t.end()
  }
)

t.test('The same model passes, and twice the odds and none at all are found', t => {
  t.same(simulate(1, 60), { shift: 0, pass: 1 })
  t.same(simulate(0, 60), { shift: 1, pass: 0 })
  t.ok(simulate(2.5, 60).shift >= 0.95)
  t.end()
})
