import t from 'tap'
import {
  betFactor,
  lnMeanOfBets,
  stakes
} from '../../../analysis/statistics/rate/bounded-evidence.ts'
import { summable } from '../../../analysis/statistics/exact-sum.ts'
import { curtailF1, curtailMean } from '../../../analysis/statistics/replay/exact.ts'
import { lostByPairs } from '../../../analysis/statistics/ranking/disjoint-pairs.ts'
import { meanRows } from '../../../bench/verdicts/means.ts'
import { seeded } from '../../../bench/verdicts/random.ts'

t.test('At the limit a canary fails in less than 1 %, at limit and margin it passes in 5 %', t => {
  const runs = 300
  const [, ...rows] = meanRows(seeded(11), runs)
  const shares = new Map(rows.map(([name, , fail, pass]) => [name, [Number(fail), Number(pass)]]))
  t.equal(shares.size, 10)
  // 1 % and 5 % with two standard errors of a simulation of 300 runs.
  const most = { fail: 2.2, pass: 7.5 }
  for (const [name = '', [fail = 100, pass = 100] = []] of shares) {
    if (name.endsWith('the limit')) t.ok(fail <= most.fail, `${name}: ${fail} % fail`)
    if (name.endsWith('the margin')) t.ok(pass <= most.pass, `${name}: ${pass} % pass`)
  }
  t.match(shares.get('errors 0.15'), [0, 100])
  t.match(shares.get('errors 0.27'), [100, 0])
  t.end()
})

t.test('The mean of a factor is at most 1 for every distribution of the null hypothesis', t => {
  for (const border of [0.02, 0.2, 0.5, 0.9]) {
    for (const [at] of stakes.entries()) {
      const fail = (value: number) => betFactor(value, { side: 'fail', at, border })
      const pass = (value: number) => betFactor(value, { side: 'pass', at, border })
      for (const value of [0, border / 2, border, 1]) {
        t.ok(fail(value) > 0 && pass(value) > 0, 'no bet loses everything')
      }
      // A factor is linear, so the two values furthest apart with the mean of the border are enough.
      t.ok(Math.abs((1 - border) * fail(0) + border * fail(1) - 1) < 1e-12)
      t.ok(Math.abs((1 - border) * pass(0) + border * pass(1) - 1) < 1e-12)
    }
  }
  t.end()
})

t.test('A missing value is the worst for each bet', t => {
  const known = [4, 3, 2, 1, 0.5, 0.2, 0.1]
  for (const border of [0.1, 0.7]) {
    for (const [side, value] of [
      ['fail', 0],
      ['pass', 1]
    ] as const) {
      const lnWorst = stakes.map(
        (_, at) => (known[at] ?? 0) + 3 * Math.log(betFactor(value, { side, at, border }))
      )
      t.ok(Math.abs(lnMeanOfBets(lnWorst, 0) - lnMeanOfBets(known, 3)) < 1e-12)
    }
  }
  t.end()
})

t.test('Sums of rounded numbers do not depend on their order', t => {
  const { normal } = seeded(3)
  const values = Array.from({ length: 1_000 }, () => summable(3 * normal()))
  const sum = (all: readonly number[]) => all.reduce((total, value) => total + value, 0)
  t.equal(sum(values), sum(values.toReversed()))
  t.equal(sum(values), sum(values.toSorted((a, b) => a - b)))
  t.equal(sum([...values, ...values.map(value => -value)]), 0, 'what was added can be taken back')
  t.ok(values.every(value => Math.abs(summable(value + 1e-11) - value) < 4e-11))
  t.end()
})

t.test('Each positive and each negative is used once', t => {
  const events = [
    { score: 2, isPositive: true },
    { score: 1, isPositive: true },
    { score: 1, isPositive: false },
    { score: 1, isPositive: false },
    { score: 0, isPositive: false }
  ]
  t.same(lostByPairs(events), [0, 0.5])
  t.same(lostByPairs(events.filter(({ isPositive }) => isPositive)), [])
  t.end()
})

t.test('The rest of a set is right in the best case and wrong in the worst', t => {
  t.equal(curtailMean({ sum: 20, seen: 100, total: 100 }, 0.2), 'pass')
  t.equal(curtailMean({ sum: 20.1, seen: 100, total: 100 }, 0.2), 'fail')
  t.equal(curtailMean({ sum: 0, seen: 79, total: 100 }, 0.2), 'open')
  t.equal(curtailMean({ sum: 0, seen: 80, total: 100 }, 0.2), 'pass')
  const none = { events: 0, bad: 0, positivesLeft: 0, negativesLeft: 0 }
  t.equal(curtailF1(none, 0.2), 'none')
  t.equal(curtailF1({ ...none, negativesLeft: 1 }, 0.2), 'open')
  t.equal(curtailF1({ ...none, events: 10, bad: 3 }, 0.2), 'fail')
  t.equal(curtailF1({ ...none, events: 10, bad: 3, positivesLeft: 5 }, 0.2), 'open')
  t.end()
})
