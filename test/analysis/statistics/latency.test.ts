import fc from 'fast-check'
import t from 'tap'
import { isProved } from '../../../analysis/statistics/evidence.ts'
import {
  addCutBlocks,
  cutMixEvidence,
  noCutMix
} from '../../../analysis/statistics/latency/cut-mix.ts'
import {
  bucketEdges,
  bucketOf,
  bucketOfRank,
  bucketValue,
  countOf,
  emptyHistogram,
  histogramOf,
  histogramQuantile,
  overflowBucket,
  underflowBucket
} from '../../../analysis/statistics/latency/log-histogram.ts'
import {
  quantileInterval,
  quantileRanks
} from '../../../analysis/statistics/latency/quantile-interval.ts'
import { block } from './tables.ts'

t.test('Four cuts: a slower canary fails, an equal one passes, a slow tail fails', t => {
  const follow = (bad: readonly [number, number, number, number], blocks: number) => {
    const expected = [1000, 200, 100, 20] as const
    const at = (cut: 0 | 1 | 2 | 3) => block(bad[cut], 500, expected[cut], 2000)
    let state = noCutMix
    for (let i = 0; i < blocks; i++) state = addCutBlocks(state, [at(0), at(1), at(2), at(3)])
    return state
  }
  const start = cutMixEvidence(noCutMix)
  t.ok(Math.abs(start.lnEFail) < 1e-12 && Math.abs(start.lnEPass) < 1e-12)
  const equal = cutMixEvidence(follow([250, 50, 25, 5], 20))
  t.ok(isProved(equal.lnEPass, 0.05) && !isProved(equal.lnEFail, 0.9))
  const slower = cutMixEvidence(follow([290, 65, 33, 7], 6))
  t.ok(isProved(slower.lnEFail, 0.01) && !isProved(slower.lnEPass, 0.5))
  const tail = cutMixEvidence(follow([250, 50, 28, 13], 6))
  t.ok(isProved(tail.lnEFail, 0.01))
  const state = follow([250, 50, 25, 5], 2)
  t.same(JSON.parse(JSON.stringify(state)), state)
  t.end()
})

const latency = fc.double({ min: Math.log(1e-3), max: Math.log(1e6), noNaN: true }).map(Math.exp)

t.test('A bucket contains its latencies, each within 1 % of its value', t => {
  fc.assert(
    fc.property(latency, ms => {
      const bucket = bucketOf(ms)
      const { low, high } = bucketEdges(bucket)
      const isWithin = low <= ms * (1 + 1e-12) && ms <= high * (1 + 1e-12)
      return isWithin && Math.abs(bucketValue(bucket) / ms - 1) <= 0.0100001
    })
  )
  t.equal(bucketValue(bucketOf(116.149)).toFixed(3), '115.597')
  t.equal(overflowBucket, 1038)
  t.same([bucketOf(0), bucketOf(1e-3), bucketOf(1.001e-3)], [underflowBucket, underflowBucket, 1])
  t.same([bucketOf(1e6), bucketOf(1e6 + 1), bucketOf(Infinity)], [1037, 1038, 1038])
  t.same(bucketEdges(underflowBucket), { low: 0, high: 1e-3 })
  t.same(bucketEdges(overflowBucket), { low: 1e6, high: Infinity })
  t.same([bucketValue(underflowBucket), bucketValue(overflowBucket)], [1e-3, 1e6])
  for (let bucket = 1; bucket <= overflowBucket; bucket++) {
    if (bucketEdges(bucket).low !== bucketEdges(bucket - 1).high) t.fail(`a gap at ${bucket}`)
  }
  t.end()
})

t.test('A quantile is the order statistic of its rank, within 1 %', t => {
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 100 }),
      (values, percent) => {
        const sorted = [...values].sort((a, b) => a - b)
        const exact = sorted[Math.ceil((percent * values.length) / 100) - 1] ?? NaN
        const found = histogramQuantile(histogramOf(values), percent / 100) ?? NaN
        return Math.abs(found / exact - 1) <= 0.0100001
      }
    )
  )
  t.equal(histogramQuantile(emptyHistogram, 0.99), undefined)
  t.equal(countOf(histogramOf([1, 1, 5])), 3)
  t.equal(bucketOfRank([[7, 3]], 0), undefined)
  t.equal(bucketOfRank([[7, 3]], 4), undefined)
  t.end()
})

t.test('The interval of a quantile contains it and narrows with more events', t => {
  t.same(quantileRanks(0, 0.99, 0.05), { low: 0, high: 1 })
  t.same(quantileInterval(emptyHistogram, 0.99, 0.05), { low: 0, high: Infinity })
  let previous = Infinity
  for (const events of [1000, 10_000, 100_000]) {
    const { low, high } = quantileRanks(events, 0.9, 0.05)
    t.ok(low < 0.9 * events && 0.9 * events < high)
    t.ok((high - low) / events < previous)
    previous = (high - low) / events
  }
  const values = Array.from({ length: 10_000 }, (_, at) => 1 + at / 100)
  const { low, high } = quantileInterval(histogramOf(values), 0.5, 0.05)
  t.ok(low > 45 && low < 51 && high > 51 && high < 57, `${low} to ${high}`)
  const few = quantileInterval(histogramOf([5, 6, 7]), 0.99, 0.05)
  t.equal(few.high, Infinity)
  t.end()
})

t.test('Over all looks, the ranks miss the quantile with at most their stated probability', t => {
  const [level, alpha] = [0.9, 0.2]
  let undecided = new Map([[0, 1]])
  let missed = 0
  for (let events = 1; events <= 200; events++) {
    const { low, high } = quantileRanks(events, level, alpha)
    const next = new Map<number, number>()
    for (const [before, chance] of undecided) {
      for (const [now, share] of [
        [before + 1, level],
        [before, 1 - level]
      ] as const) {
        if (now < low || now >= high) missed += chance * share
        else next.set(now, (next.get(now) ?? 0) + chance * share)
      }
    }
    undecided = next
  }
  t.ok(missed <= alpha && missed > 0, `${missed}`)
  t.end()
})
