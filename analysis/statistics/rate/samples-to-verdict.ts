import type { RateCounts } from '../counts.ts'
import type { Levels } from './rate-boundary.ts'
import type { RateLimit } from './rate-evidence.ts'

/** What the mixture costs compared with knowing the alternative, in nats; found by simulation. */
const mixtureCost = 1.5

/**
 * Estimates the total number of events at which a verdict is proved if the rate stays as it is. The caller
 * subtracts the events seen so far. Good to a factor of two, too high near the limit.
 * Derivation: docs/statistics/rates.md#events-to-a-verdict.
 *
 * @returns null without events, and if there is no margin and the rate is exactly at the limit
 */
export function eventsToVerdict(
  { events, bad }: RateCounts,
  { limit, margin }: RateLimit,
  { alpha, beta }: Levels
): number | null {
  if (events === 0) return null
  const rate = bad / events
  const beyond = limit + margin
  const toFail = rate > limit ? (mixtureCost - Math.log(alpha)) / divergence(rate, limit) : Infinity
  const toPass =
    rate < beyond ? (mixtureCost - Math.log(beta)) / divergence(rate, beyond) : Infinity
  const least = Math.min(toFail, toPass)
  return Number.isFinite(least) ? Math.ceil(least) : null
}

/** Returns the Kullback-Leibler divergence of two Bernoulli rates in nats; `base` in (0, 1). */
export function divergence(rate: number, base: number): number {
  const bad = rate === 0 ? 0 : rate * Math.log(rate / base)
  const good = rate === 1 ? 0 : (1 - rate) * Math.log((1 - rate) / (1 - base))
  return bad + good
}
