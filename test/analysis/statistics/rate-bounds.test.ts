import fc from 'fast-check'
import t from 'tap'
import { highestRate, lowestRate } from '../../../analysis/statistics/rate/rate-bounds.ts'
import { rateEvidence, rateTest } from '../../../analysis/statistics/rate/rate-evidence.ts'

const limits = fc
  .tuple(
    fc.double({ min: 1e-3, max: 0.9, noNaN: true }),
    fc.double({ min: 0, max: 0.99, noNaN: true })
  )
  .map(([limit, share]) => ({ limit, margin: share * (0.999 - limit) }))
const counts = fc
  .tuple(fc.integer({ min: 0, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([events, share]) => ({ events, bad: Math.round(share * events) }))
const needed = { fail: Math.log(200), pass: Math.log(20) }
/** Bounds are right to a thousandth of their distance from the estimate. */
const near = 2e-3

t.test('a bound agrees with the verdict of its side', t => {
  fc.assert(
    fc.property(limits, counts, (limit, seen) => {
      const { lnEFail, lnEPass } = rateEvidence(rateTest(limit), seen)
      const [low, high] = [
        lowestRate(limit, seen, needed.fail),
        highestRate(limit, seen, needed.pass)
      ]
      const beyond = limit.limit + limit.margin
      const share = seen.events === 0 ? 0 : seen.bad / seen.events
      const isLowRight =
        lnEFail >= needed.fail
          ? low >= limit.limit - near * Math.abs(share - low)
          : low <= limit.limit
      const isHighRight =
        lnEPass >= needed.pass ? high <= beyond + near * Math.abs(high - share) : high >= beyond
      return isLowRight && isHighRight
    }),
    { numRuns: 3_000 }
  )
  t.end()
})

t.test('the test of a border at a bound is proved there, and not nearer to the estimate', t => {
  const limit = { limit: 0.08, margin: 0.02 }
  for (const [events, bad] of [
    [200, 32],
    [5_000, 400],
    [30, 0],
    [30, 30],
    [1_000_000, 3]
  ] as const) {
    const seen = { events, bad }
    for (const loose of [0.5, 0.05, 0.001]) {
      const least = -Math.log(loose)
      const low = lowestRate(limit, seen, least)
      const high = highestRate(limit, seen, least)
      t.ok(low <= bad / events && bad / events <= high, `${bad} of ${events}: ${low} to ${high}`)
      const stricter = highestRate(limit, seen, least + 1)
      t.ok(stricter >= high && lowestRate(limit, seen, least + 1) <= low)
    }
  }
  t.equal(lowestRate(limit, { events: 0, bad: 0 }, 1), 0)
  t.equal(highestRate(limit, { events: 0, bad: 0 }, 1), 1)
  t.equal(lowestRate(limit, { events: 2, bad: 0 }, 1), 0)
  t.equal(highestRate(limit, { events: 2, bad: 2 }, 1), 1)
  t.end()
})
