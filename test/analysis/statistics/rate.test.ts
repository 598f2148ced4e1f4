import fc from 'fast-check'
import t from 'tap'
import { addCounts, divideCounts } from '../../../analysis/statistics/counts.ts'
import type { RateCounts } from '../../../analysis/statistics/counts.ts'
import { isProved } from '../../../analysis/statistics/evidence.ts'
import { oddsMixture } from '../../../analysis/statistics/odds-mixture.ts'
import { baselineLimit } from '../../../analysis/statistics/rate/baseline-limit.ts'
import {
  addBounded,
  boundedEvidence,
  noBoundedEvidence
} from '../../../analysis/statistics/rate/bounded-evidence.ts'
import { rateBoundary } from '../../../analysis/statistics/rate/rate-boundary.ts'
import { rateEvidence, rateTest } from '../../../analysis/statistics/rate/rate-evidence.ts'
import type { RateTest } from '../../../analysis/statistics/rate/rate-evidence.ts'
import { rateInterval } from '../../../analysis/statistics/rate/rate-interval.ts'
import {
  divergence,
  eventsToVerdict
} from '../../../analysis/statistics/rate/samples-to-verdict.ts'

const precision = { limit: 0.08, margin: 0.02 }
const p99 = { limit: 0.01, margin: 0.01 }
const levels = { alpha: 0.01, beta: 0.05 }

t.test('Boundaries equal the table of docs/statistics/rates.md', t => {
  const events = [20, 50, 100, 200, 500, 1000, 2000, 5000]
  const table = (limit: typeof precision) =>
    events.map(n => {
      const { failFrom, passTo } = rateBoundary(rateTest(limit), n, levels)
      return `${failFrom ?? '–'}/${passTo ?? '–'}`
    })
  t.same(table(precision), ['8/–', '13/0', '20/2', '32/8', '64/31', '111/75', '201/164', '469/435'])
  t.same(table(p99), ['4/–', '5/–', '7/–', '9/–', '15/2', '22/9', '37/24', '78/69'])
  t.same(rateBoundary(rateTest(precision), 1, levels), { failFrom: null, passTo: null })
  t.end()
})

t.test('At a boundary the evidence crosses its threshold, also with a dispersion', t => {
  const test = rateTest(precision)
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3000 }),
      fc.double({ min: 1, max: 8, noNaN: true }),
      (events, by) => {
        const { failFrom, passTo } = rateBoundary(test, events, levels, by)
        const at = (bad: number) => rateEvidence(test, divideCounts({ events, bad }, by))
        const fails = (bad: number) => isProved(at(bad).lnEFail, levels.alpha)
        const passes = (bad: number) => isProved(at(bad).lnEPass, levels.beta)
        return (
          (failFrom === null
            ? !fails(events)
            : fails(failFrom) && (failFrom === 0 || !fails(failFrom - 1))) &&
          (passTo === null
            ? !passes(0)
            : passes(passTo) && (passTo === events || !passes(passTo + 1)))
        )
      }
    )
  )
  t.end()
})

const limits = fc
  .tuple(
    fc.double({ min: 1e-4, max: 0.9, noNaN: true }),
    fc.double({ min: 0, max: 0.99, noNaN: true })
  )
  .map(([limit, share]) => ({ limit, margin: share * (0.999 - limit) }))
const counts = fc
  .tuple(fc.integer({ min: 0, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([events, share]): RateCounts => ({ events, bad: Math.round(share * events) }))

t.test('Evidence starts at 0 for every limit', t => {
  fc.assert(
    fc.property(limits, limit => {
      const { lnEFail, lnEPass } = rateEvidence(rateTest(limit), { events: 0, bad: 0 })
      return Math.abs(lnEFail) < 1e-12 && Math.abs(lnEPass) < 1e-12
    })
  )
  for (const design of [undefined, 1, 1.5, 40]) {
    const sum = oddsMixture(design).reduce((all, { lnWeight }) => all + Math.exp(lnWeight), 0)
    t.ok(Math.abs(sum - 1) < 1e-12)
  }
  t.equal(oddsMixture(1.5).length, 13)
  t.equal(oddsMixture(1).length, 12)
  t.end()
})

t.test('A bad event is evidence for FAIL and against PASS, a good one the reverse', t => {
  fc.assert(
    fc.property(limits, counts, (limit, { events, bad }) => {
      const test = rateTest(limit)
      const before = rateEvidence(test, { events, bad })
      const worse = rateEvidence(test, { events: events + 1, bad: bad + 1 })
      const better = rateEvidence(test, { events: events + 1, bad })
      return (
        worse.lnEFail >= before.lnEFail &&
        worse.lnEPass <= before.lnEPass &&
        better.lnEFail <= before.lnEFail &&
        better.lnEPass >= before.lnEPass
      )
    })
  )
  t.end()
})

t.test('Counts of replicas merge in any order to the same evidence', t => {
  fc.assert(
    fc.property(limits, fc.array(counts, { minLength: 1, maxLength: 8 }), (limit, parts) => {
      const test = rateTest(limit)
      const merge = (all: readonly RateCounts[]) => rateEvidence(test, all.reduce(addCounts))
      const forwards = merge(parts)
      const backwards = merge([...parts].reverse())
      return forwards.lnEFail === backwards.lnEFail && forwards.lnEPass === backwards.lnEPass
    })
  )
  t.end()
})

t.test('Division by a dispersion never adds proof', t => {
  fc.assert(
    fc.property(limits, counts, fc.double({ min: 1, max: 50, noNaN: true }), (limit, seen, by) => {
      const test = rateTest(limit)
      const whole = rateEvidence(test, seen)
      const divided = rateEvidence(test, divideCounts(seen, by))
      return (
        divided.lnEFail <= Math.max(0, whole.lnEFail) + 1e-9 &&
        divided.lnEPass <= Math.max(0, whole.lnEPass) + 1e-9
      )
    })
  )
  t.end()
})

/** The exact probability of ever being proved, looking after each of `most` events at rate `rate`. */
function everProved(isEnough: (counts: RateCounts) => boolean, rate: number, most: number): number {
  let undecided = [1]
  let proved = 0
  for (let events = 1; events <= most; events++) {
    const next = Array.from({ length: events + 1 }, () => 0)
    for (const [bad, chance] of undecided.entries()) {
      for (const [now, share] of [
        [bad, 1 - rate],
        [bad + 1, rate]
      ] as const) {
        if (isEnough({ events, bad: now })) proved += chance * share
        else next[now] = (next[now] ?? 0) + chance * share
      }
    }
    undecided = next
  }
  return proved
}

t.test('Checked after every event, wrong verdicts stay below their level, exactly', t => {
  for (const limit of [precision, p99, { limit: 0.5, margin: 0.1 }]) {
    const test: RateTest = rateTest(limit)
    for (const level of [0.01, 0.05, 0.2]) {
      const wrongFail = everProved(
        c => isProved(rateEvidence(test, c).lnEFail, level),
        limit.limit,
        400
      )
      t.ok(wrongFail <= level && wrongFail > 0, `FAIL at ${limit.limit}: ${wrongFail} of ${level}`)
      const beyond = limit.limit + limit.margin
      const wrongPass = everProved(c => isProved(rateEvidence(test, c).lnEPass, level), beyond, 400)
      t.ok(wrongPass <= level && wrongPass >= 0, `PASS at ${beyond}: ${wrongPass} of ${level}`)
    }
  }
  const usual = everProved(c => c.events > 10 && c.bad / c.events > 0.08, 0.08, 400)
  t.ok(usual > 0.5, `a bare threshold would be wrong in ${usual}`)
  t.end()
})

t.test('An adversary who chooses each rate within the limit gains nothing', t => {
  const test = rateTest(precision)
  const level = 0.05
  const most = 250
  let value = Array.from({ length: most + 2 }, () => 0)
  for (let events = most; events >= 0; events--) {
    const previous = value
    value = Array.from({ length: events + 1 }, (_, bad) => {
      if (isProved(rateEvidence(test, { events, bad }).lnEFail, level)) return 1
      if (events === most) return 0
      const [good, worse] = [previous[bad] ?? 0, previous[bad + 1] ?? 0]
      return Math.max(good, 0.92 * good + 0.08 * worse)
    })
  }
  t.ok((value[0] ?? 1) <= level && (value[0] ?? 1) > 0.001, `at best ${value[0] ?? 1}`)
  t.end()
})

t.test('The interval for display equals the figure of docs and contains the estimate', t => {
  const { low, high } = rateInterval({ events: 500, bad: 40 }, 0.05)
  t.same([(1 - high).toFixed(4), (1 - low).toFixed(4)], ['0.8691', '0.9565'])
  t.same(rateInterval({ events: 0, bad: 0 }, 0.05), { low: 0, high: 1 })
  t.equal(rateInterval({ events: 9, bad: 0 }, 0.05).low, 0)
  t.equal(rateInterval({ events: 9, bad: 9 }, 0.05).high, 1)
  fc.assert(
    fc.property(counts, ({ events, bad }) => {
      if (events === 0) return true
      const wide = rateInterval({ events, bad }, 0.01)
      const narrow = rateInterval({ events, bad }, 0.1)
      const mirror = rateInterval({ events, bad: events - bad }, 0.01)
      return (
        0 <= wide.low &&
        wide.low <= narrow.low &&
        narrow.low <= bad / events &&
        bad / events <= narrow.high &&
        narrow.high <= wide.high &&
        wide.high <= 1 &&
        Math.abs(wide.low - (1 - mirror.high)) < 1e-9
      )
    })
  )
  t.end()
})

t.test('Over all looks, the interval misses the rate as rarely as stated', t => {
  for (const rate of [0.02, 0.08, 0.4]) {
    const missed = everProved(
      seen => {
        const { low, high } = rateInterval(seen, 0.1)
        return rate < low || rate > high
      },
      rate,
      150
    )
    t.ok(missed <= 0.1 && missed > 0, `${missed} at ${rate}`)
  }
  t.end()
})

t.test('Bets on observations in [0, 1]: the mean wealth does not grow', t => {
  const start = boundedEvidence(noBoundedEvidence)
  t.same([start.lnEFail, start.lnEPass], [0, 0])
  const outcomes = [0, 0.04, 0.3, 1]
  for (const [mean, side] of [
    [0.08, 'lnEFail'],
    [0.1, 'lnEPass']
  ] as const) {
    for (const high of [0.3, 1]) {
      const chance = mean / high
      let expected = 0
      for (const first of [0, high]) {
        for (const second of [0, high]) {
          const state = [first, second].reduce(
            (before, x) => addBounded(before, x, precision),
            noBoundedEvidence
          )
          const weight = (first === 0 ? 1 - chance : chance) * (second === 0 ? 1 - chance : chance)
          expected += weight * Math.exp(boundedEvidence(state)[side])
        }
      }
      t.ok(Math.abs(expected - 1) < 1e-12, `${side} with outcomes 0 and ${high}: ${expected}`)
    }
  }
  const follow = (x: number) =>
    Array.from({ length: 20 }).reduce<typeof noBoundedEvidence>(
      state => addBounded(state, x, precision),
      noBoundedEvidence
    )
  t.ok(isProved(boundedEvidence(follow(0.2)).lnEFail, 0.01))
  t.notOk(isProved(boundedEvidence(follow(0.2)).lnEPass, 0.05))
  t.notOk(isProved(boundedEvidence(follow(0.08)).lnEFail, 0.01))
  const all = outcomes.reduce((state, x) => addBounded(state, x, precision), noBoundedEvidence)
  t.same(JSON.parse(JSON.stringify(all)), all, 'the state is plain JSON')
  t.end()
})

t.test('Events to a verdict', t => {
  const to = (bad: number) => eventsToVerdict({ events: 1000, bad }, precision, levels)
  t.equal(eventsToVerdict({ events: 0, bad: 0 }, precision, levels), null)
  t.same([to(0), to(60), to(80), to(100), to(150)], [43, 440, 1898, 2410, 226])
  t.equal(divergence(0.1, 0.1), 0)
  t.ok(Math.abs(divergence(1, 0.5) - Math.LN2) < 1e-15)
  const noMargin = { limit: 0.5, margin: 0 }
  t.equal(eventsToVerdict({ events: 10, bad: 5 }, noMargin, levels), null)
  t.end()
})

t.test('A small baseline sets a wider limit than a large one', t => {
  t.equal(baselineLimit({ events: 10_000, bad: 600 }, 0.02, 2000), 0.08)
  const small = baselineLimit({ events: 500, bad: 30 }, 0.02, 2000)
  t.equal(small.toFixed(5), '0.10973')
  t.end()
})
