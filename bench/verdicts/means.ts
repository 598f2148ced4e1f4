import { isProved } from '../../analysis/statistics/evidence.ts'
import {
  addBounded,
  boundedEvidence,
  noBoundedEvidence
} from '../../analysis/statistics/rate/bounded-evidence.ts'
import { lostByPairs } from '../../analysis/statistics/ranking/disjoint-pairs.ts'
import type { Random } from './random.ts'

const looks = 20
const eventsPerLook = 100
const limit = { limit: 0.2, margin: 0.02 }

interface World {
  readonly name: string
  /** The values of one look: distances from the best value, between 0 and 1. */
  readonly draw: (random: Random) => readonly number[]
}

/** Errors with an exponential distribution, which are cut at 1; their mean is that of the cut ones. */
function errors(mean: number): World['draw'] {
  const scale = scaleOfMean(mean)
  return ({ uniform }) => times(eventsPerLook, () => Math.min(1, -scale * Math.log(1 - uniform())))
}

/** The scale `s` of which the mean of the cut errors, `s (1 - exp(-1/s))`, is as given. */
function scaleOfMean(mean: number): number {
  let [low, high] = [mean, 4 * mean]
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (middle * (1 - Math.exp(-1 / middle)) < mean) low = middle
    else high = middle
  }
  return low
}

/** Ratings of 0 or 1, which vary most. */
function thumbs(mean: number): World['draw'] {
  return ({ uniform }) => times(eventsPerLook, () => (uniform() < mean ? 1 : 0))
}

/** Normal scores, 15 % of them positive and higher by `gap`, paired in random order. */
function pairs(gap: number): World['draw'] {
  return random =>
    lostByPairs(
      times(eventsPerLook, () => {
        const isPositive = random.uniform() < 0.15
        return { score: random.normal() + (isPositive ? gap : 0), isPositive }
      })
    )
}

const worlds: readonly World[] = [
  { name: 'errors 0.15', draw: errors(0.15) },
  { name: 'errors 0.20, the limit', draw: errors(0.2) },
  { name: 'errors 0.22, the margin', draw: errors(0.22) },
  { name: 'errors 0.27', draw: errors(0.27) },
  { name: 'thumbs down 0.20, the limit', draw: thumbs(0.2) },
  { name: 'thumbs down 0.22, the margin', draw: thumbs(0.22) },
  // sqrt(2) times the quantile of AUC.
  { name: 'AUC 0.90', draw: pairs(1.8124) },
  { name: 'AUC 0.80, the limit', draw: pairs(1.1902) },
  { name: 'AUC 0.78, the margin', draw: pairs(1.0921) },
  { name: 'AUC 0.70', draw: pairs(0.7416) }
]

type RuleName = 'raw' | 'fail' | 'pass'

/** Means and AUC against a limit: how often a raw threshold and bets fail and pass a canary. */
export function meanRows(random: Random, reps: number): readonly (readonly string[])[] {
  const rows = worlds.map(world => {
    const acted = { raw: 0, fail: 0, pass: 0 }
    for (let rep = 0; rep < reps; rep += 1) {
      for (const rule of actedIn(world, random)) acted[rule] += 1
    }
    const order = ['raw', 'fail', 'pass'] as const
    return [world.name, ...order.map(rule => ((100 * acted[rule]) / reps).toFixed(1))]
  })
  return [['mean', 'raw T=5', 'FAIL', 'PASS'], ...rows]
}

function actedIn({ draw }: World, random: Random): ReadonlySet<RuleName> {
  const acted = new Set<RuleName>()
  let state = noBoundedEvidence
  let failed = 0
  for (let look = 0; look < looks; look += 1) {
    const values = draw(random)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    if (mean > limit.limit) failed += 1
    if (failed >= 5) acted.add('raw')
    state = values.reduce((before, value) => addBounded(before, value, limit), state)
    const { lnEFail, lnEPass } = boundedEvidence(state)
    if (isProved(lnEFail, 0.01)) acted.add('fail')
    if (isProved(lnEPass, 0.05)) acted.add('pass')
  }
  return acted
}

function times<T>(count: number, draw: () => T): readonly T[] {
  return Array.from({ length: count }, draw)
}
