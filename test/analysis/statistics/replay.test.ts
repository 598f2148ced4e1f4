import fc from 'fast-check'
import t from 'tap'
import { isProved } from '../../../analysis/statistics/evidence.ts'
import { earlyStopEvidence } from '../../../analysis/statistics/replay/early-stop.ts'
import { curtailPrecision, curtailShare } from '../../../analysis/statistics/replay/exact.ts'
import type { PrecisionCounts } from '../../../analysis/statistics/replay/exact.ts'
import {
  addReplayedItem,
  noPrecisionReplay,
  precisionReplayEvidence
} from '../../../analysis/statistics/replay/precision-betting.ts'
import type { ReplayedItem } from '../../../analysis/statistics/replay/precision-betting.ts'
import { randomOrder } from '../../../analysis/statistics/replay/random-order.ts'

t.test('A share with a known total is decided once the rest cannot change it', t => {
  const at = (good: number, seen: number) => curtailShare({ good, seen, total: 100 }, 0.92)
  t.same(
    [at(0, 0), at(0, 8), at(0, 9), at(91, 91), at(92, 92), at(92, 100), at(91, 100)],
    ['open', 'open', 'fail', 'open', 'pass', 'pass', 'fail']
  )
  for (let total = 1; total <= 400; total++) {
    for (const percent of [7, 29, 57, 92]) {
      const isWhole = (percent * total) % 100 === 0
      const good = (percent * total) / 100
      if (!isWhole) continue
      const share = percent / 100
      if (curtailShare({ good, seen: total, total }, share) !== 'pass') t.fail(`${good}/${total}`)
      if (curtailShare({ good: good - 1, seen: total, total }, share) !== 'fail') {
        t.fail(`${good - 1}/${total}`)
      }
    }
  }
  t.end()
})

/** The verdict by trying every possible rest; those without a precision are left out. */
function possibleEnds(counts: PrecisionCounts, least: number): readonly boolean[] {
  const ends: boolean[] = []
  for (let right = 0; right <= counts.positivesLeft; right++) {
    for (let wrong = 0; wrong <= counts.negativesLeft; wrong++) {
      const good = counts.truePositives + right
      const predicted = good + counts.falsePositives + wrong
      if (predicted > 0) ends.push(good / predicted >= least)
    }
  }
  return ends
}

function verdictByTrial(counts: PrecisionCounts, least: number): string {
  if (counts.truePositives + counts.falsePositives === 0) {
    return counts.positivesLeft + counts.negativesLeft === 0 ? 'none' : 'open'
  }
  const ends = possibleEnds(counts, least)
  if (ends.every(Boolean)) return 'pass'
  return ends.some(Boolean) ? 'open' : 'fail'
}

t.test('Curtailed precision agrees with every possible rest', t => {
  const small = [0, 1, 2, 3, 6]
  for (const truePositives of small) {
    for (const falsePositives of small) {
      for (const positivesLeft of small) {
        for (const negativesLeft of small) {
          const counts = { truePositives, falsePositives, positivesLeft, negativesLeft }
          const found = curtailPrecision(counts, 0.75)
          if (found !== verdictByTrial(counts, 0.75)) t.fail(`${JSON.stringify(counts)}: ${found}`)
        }
      }
    }
  }
  t.equal(
    verdictByTrial(
      { truePositives: 3, falsePositives: 1, positivesLeft: 0, negativesLeft: 1 },
      0.75
    ),
    'open'
  )
  t.end()
})

t.test(
  'The share of orders in which a set stopped early is judged wrongly is at most its level, exactly',
  t => {
    const limit = { least: 0.9, margin: 0.05 }
    const total = 120
    for (const [good, side, level] of [
      [108, 'lnEFail', 0.05],
      [108, 'lnEFail', 0.2],
      [110, 'lnEFail', 0.05],
      [102, 'lnEPass', 0.05],
      [102, 'lnEPass', 0.2],
      [95, 'lnEPass', 0.05]
    ] as const) {
      let undecided = new Map([[0, 1]])
      let wrong = 0
      for (let seen = 1; seen < total; seen++) {
        const next = new Map<number, number>()
        for (const [before, chance] of undecided) {
          const left = total - seen + 1
          for (const [now, share] of [
            [before + 1, (good - before) / left],
            [before, 1 - (good - before) / left]
          ] as const) {
            if (share <= 0) continue
            const evidence = earlyStopEvidence({ good: now, seen, total }, limit)
            if (isProved(evidence[side], level)) wrong += chance * share
            else next.set(now, (next.get(now) ?? 0) + chance * share)
          }
        }
        undecided = next
      }
      t.ok(wrong <= level, `${good} of ${total}: ${wrong} of ${level}`)
      if (level === 0.2) t.ok(wrong > 0.01)
    }
    t.end()
  }
)

t.test('Early stopping proves what has become impossible, and does not prove what agrees', t => {
  const limit = { least: 0.92, margin: 0.01 }
  const at = (good: number, seen: number) => earlyStopEvidence({ good, seen, total: 2000 }, limit)
  t.same(at(0, 0), { lnEFail: 0, lnEPass: 0 })
  t.equal(at(1200, 1500).lnEFail, Infinity)
  t.equal(at(1830, 1840).lnEPass, Infinity)
  t.ok(isProved(at(85, 120).lnEFail, 0.01))
  t.equal(at(85, 120).lnEPass, 0)
  t.ok(isProved(at(498, 500).lnEPass, 0.05))
  t.equal(at(498, 500).lnEFail, 0)
  t.notOk(isProved(at(460, 500).lnEPass, 0.05))
  t.equal(at(480, 500).lnEPass.toFixed(6), '10.122193', 'as in SciPy')
  t.equal(at(1360, 1500).lnEFail.toFixed(6), '4.970374', 'as in SciPy')
  const sevenPercent = earlyStopEvidence(
    { good: 0, seen: 94, total: 100 },
    { least: 0.07, margin: 0.02 }
  )
  t.equal(sevenPercent.lnEFail, Infinity, '7 good are 7 % of 100, though 0.07 * 100 is more than 7')
  t.ok(
    Number.isFinite(
      earlyStopEvidence({ good: 0, seen: 93, total: 100 }, { least: 0.07, margin: 0.02 }).lnEFail
    )
  )
  t.end()
})

/** All orders of a set. Distinct sequences are equally likely. */
function* orders(right: number, wrong: number, rest: number): Generator<ReplayedItem[]> {
  if (right + wrong + rest === 0) yield []
  for (const [item, left] of [
    ['true-positive', right],
    ['false-positive', wrong],
    ['predicted-negative', rest]
  ] as const) {
    if (left === 0) continue
    const others = [
      right - Number(item === 'true-positive'),
      wrong - Number(item === 'false-positive'),
      rest - Number(item === 'predicted-negative')
    ] as const
    for (const order of orders(...others)) yield [item, ...order]
  }
}

t.test('Bets on precision without replacement: the mean wealth is at most 1 at every item', t => {
  const options = { least: 0.75, margin: 0.25 }
  for (const [right, wrong, rest, side] of [
    [3, 1, 4, 'lnEFail'],
    [6, 2, 1, 'lnEFail'],
    [4, 0, 3, 'lnEFail'],
    [2, 2, 4, 'lnEPass'],
    [1, 4, 3, 'lnEPass']
  ] as const) {
    const total = right + wrong + rest
    const means = Array.from({ length: total }, () => 0)
    let count = 0
    for (const order of orders(right, wrong, rest)) {
      count++
      let state = noPrecisionReplay
      for (const [at, item] of order.entries()) {
        state = addReplayedItem(state, item, { ...options, total })
        means[at] = (means[at] ?? 0) + Math.exp(precisionReplayEvidence(state)[side])
      }
    }
    const most = Math.max(...means) / count
    const isAtTheLimit = side === 'lnEFail' ? right === 3 * wrong : right === wrong
    const least = isAtTheLimit ? Math.min(...means) / count : 1
    t.ok(
      most <= 1 + 1e-12 && least >= 1 - 1e-12,
      `${right} right, ${wrong} wrong, ${rest} others: ${least} to ${most}`
    )
    t.ok(count > 30)
  }
  t.equal([...orders(2, 1, 1)].length, 12)
  t.end()
})

t.test('The precision of a set is proved too low or high enough before its end', t => {
  const follow = (right: number, wrong: number, rest: number) => {
    const kinds: ReplayedItem[] = [
      ...Array.from({ length: right }, () => 'true-positive' as const),
      ...Array.from({ length: wrong }, () => 'false-positive' as const),
      ...Array.from({ length: rest }, () => 'predicted-negative' as const)
    ]
    const total = kinds.length
    let seed = 7
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    const order = randomOrder(total, random).slice(0, total / 2)
    return order.reduce(
      (state, at) =>
        addReplayedItem(state, kinds[at] ?? 'predicted-negative', {
          least: 0.92,
          margin: 0.04,
          total
        }),
      noPrecisionReplay
    )
  }
  t.ok(isProved(precisionReplayEvidence(follow(800, 200, 1000)).lnEFail, 0.01))
  t.ok(isProved(precisionReplayEvidence(follow(980, 20, 1000)).lnEPass, 0.05))
  const state = follow(920, 80, 1000)
  t.notOk(isProved(precisionReplayEvidence(state).lnEFail, 0.01))
  t.equal(state.seen, 1000)
  t.same(JSON.parse(JSON.stringify(state)), state)
  t.end()
})

t.test('A random order contains each number once and is uniform', t => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), draws => {
      const length = draws.length + 1
      const order = randomOrder(length, () => draws.pop() ?? 0)
      return [...order].sort((a, b) => a - b).every((value, at) => value === at)
    })
  )
  const seen = new Set<string>()
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b < 2; b++) {
      const draws = [a / 3 + 0.01, b / 2 + 0.01]
      seen.add(randomOrder(3, () => draws.shift() ?? 0).join())
    }
  }
  t.equal(seen.size, 6)
  t.end()
})
