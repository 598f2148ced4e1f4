import type { Block } from '../../analysis/statistics/counts.ts'
import { binomial } from './random.ts'
import type { Random } from './random.ts'
import type { World } from './watch.ts'

/** `m` events an interval, each bad with probability `rate`. */
export function steady(m: number, rate: number): World {
  return random => () => [{ canary: arm(random, m, rate), primary: { events: 0, bad: 0 } }]
}

/** A canary of `m` events and a primary of `4 m`. */
export function canaryAndPrimary(m: number, canaryRate: number, primaryRate: number): World {
  return random => () => [
    { canary: arm(random, m, canaryRate), primary: arm(random, 4 * m, primaryRate) }
  ]
}

/**
 * Each interval of each arm has a rate of its own, normal around `rate` (0.08 for the primary) with
 * `deviation`. The primary alone is seen in the intervals before the canary starts.
 */
export function bursts(m: number, rate: number, deviation: number): World {
  return random => interval => {
    const draw = (mean: number) => {
      const own = Math.round((mean + deviation * random.normal()) * 1e4) / 1e4
      return arm(random, m, Math.min(1, Math.max(0, own)))
    }
    const none = { events: 0, bad: 0 }
    return [
      interval < 0 ? { canary: none, primary: draw(0.08) } : { canary: draw(rate), primary: none }
    ]
  }
}

/** Weights go from 5 to 50 % of 1,000 events while the bad rate of both arms goes from 4 to 10 %. */
export function drifting(looks: number, odds: number): World {
  return random => interval => {
    const done = interval / (looks - 1)
    const canary = Math.round(1000 * (0.05 + 0.45 * done))
    const rate = 0.04 + 0.06 * done
    const worse = (odds * rate) / (1 - rate + odds * rate)
    return [{ canary: arm(random, canary, worse), primary: arm(random, 1000 - canary, rate) }]
  }
}

const cutLevels = [0.5, 0.9, 0.95, 0.99]
const cutDeviates = [0, 1.2815515655446004, 1.6448536269514722, 2.3263478740408408]
const sigma = 0.5

/** Lognormal latencies, the canary's `ratio` times the primary's, counted at the primary's cuts. */
export function slower(m: number, ratio: number): World {
  const above = cutDeviates.map(deviate => 1 - normalShare(deviate - Math.log(ratio) / sigma))
  const primaryAbove = cutLevels.map(level => 1 - level)
  return random => () => {
    const canary = nested(random, m, above)
    const primary = nested(random, 4 * m, primaryAbove)
    return canary.map((bad, at): Block => ({
      canary: { events: m, bad },
      primary: { events: 4 * m, bad: primary[at] ?? 0 }
    }))
  }
}

function arm(random: Random, events: number, rate: number) {
  return { events, bad: binomial(random, events, rate) }
}

/** Counts above rising cuts: each a part of those above the cut before. */
function nested(random: Random, events: number, above: readonly number[]): number[] {
  let [left, share] = [events, 1]
  return above.map(rate => {
    left = binomial(random, left, Math.round((rate / share) * 1e9) / 1e9)
    share = rate
    return left
  })
}

/** The standard normal distribution function, by its series around 0. */
function normalShare(x: number): number {
  let [term, sum] = [x, x]
  for (let odd = 3; Math.abs(term) > 1e-16 * Math.abs(sum); odd += 2) {
    term *= (x * x) / odd
    sum += term
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}
