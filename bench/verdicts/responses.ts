import { addCounts, noCounts } from '../../analysis/statistics/counts.ts'
import type { RateCounts } from '../../analysis/statistics/counts.ts'
import { isProved } from '../../analysis/statistics/evidence.ts'
import { rateEvidence, rateTest } from '../../analysis/statistics/rate/rate-evidence.ts'
import { binomial } from './random.ts'
import type { Random } from './random.ts'

const looks = 20
const responses = 50
const limit = { limit: 0.08, margin: 0.02 }
const test = rateTest(limit)

interface World {
  readonly name: string
  /** Instances in each response. */
  readonly batch: number
  /** Wrong predictions among the first of each response, and among the others. */
  readonly wrong: { readonly first: number; readonly others: number }
  /** Requests that are errors in place of a prediction. */
  readonly errors: number
}

const worlds: readonly World[] = [
  { name: 'one instance, 0.97', batch: 1, wrong: { first: 0.03, others: 0.03 }, errors: 0 },
  { name: 'eight instances, 0.92', batch: 8, wrong: { first: 0.08, others: 0.08 }, errors: 0 },
  {
    name: 'eight, the first 0.99, others 0.80',
    batch: 8,
    wrong: { first: 0.01, others: 0.2 },
    errors: 0
  },
  {
    name: 'errors for 60 %, precise on the rest',
    batch: 1,
    wrong: { first: 0.02, others: 0.02 },
    errors: 0.6
  }
]

const order = ['raw5', 'firstFail', 'firstPass', 'fail', 'pass', 'errors'] as const
type RuleName = (typeof order)[number]

/**
 * Responses of several instances, and errors in place of predictions: rules by the first instance of each response,
 * as before, by every instance, and by the error rate (limit 0.05).
 */
export function responseRows(random: Random, reps: number): readonly (readonly string[])[] {
  const head = [
    'precision',
    'raw T=5',
    'first FAIL',
    'first PASS',
    'each FAIL',
    'each PASS',
    'errors FAIL'
  ]
  const rows = worlds.map(world => {
    const acted = new Map<RuleName, number>()
    for (let rep = 0; rep < reps; rep += 1) {
      for (const rule of actedIn(world, random)) acted.set(rule, (acted.get(rule) ?? 0) + 1)
    }
    return [world.name, ...order.map(rule => ((100 * (acted.get(rule) ?? 0)) / reps).toFixed(1))]
  })
  return [head, ...rows]
}

function actedIn(world: World, random: Random): ReadonlySet<RuleName> {
  const { batch, wrong, errors } = world
  const errorTest = rateTest({ limit: 0.05, margin: 0.01 })
  const acted = new Set<RuleName>()
  const sums: Record<'first' | 'each' | 'errors', RateCounts> = {
    first: noCounts,
    each: noCounts,
    errors: noCounts
  }
  let failed = 0
  for (let look = 0; look < looks; look += 1) {
    const failures = binomial(random, responses, errors)
    const events = responses - failures
    const first = { events, bad: binomial(random, events, wrong.first) }
    const others = events * (batch - 1)
    sums.first = addCounts(sums.first, first)
    sums.each = addCounts(sums.each, first)
    sums.each = addCounts(sums.each, {
      events: others,
      bad: binomial(random, others, wrong.others)
    })
    sums.errors = addCounts(sums.errors, { events: responses, bad: failures })
    if (first.bad / Math.max(1, events) > limit.limit) failed += 1
    if (failed >= 5) acted.add('raw5')
    const byFirst = rateEvidence(test, sums.first)
    const byEach = rateEvidence(test, sums.each)
    if (isProved(byFirst.lnEFail, 0.01)) acted.add('firstFail')
    if (isProved(byFirst.lnEPass, 0.05)) acted.add('firstPass')
    if (isProved(byEach.lnEFail, 0.01)) acted.add('fail')
    if (isProved(byEach.lnEPass, 0.05)) acted.add('pass')
    if (isProved(rateEvidence(errorTest, sums.errors).lnEFail, 0.01)) acted.add('errors')
  }
  return acted
}
