import type { RateCounts } from '../counts.ts'
import type { Levels } from './rate-boundary.ts'
import type { RateLimit } from './rate-evidence.ts'

/** Nats that the mixture costs over knowing the alternative, found by simulation. */
const mixtureCost = 1.5

/**
 * How many events in all a verdict takes if the rate stays as it is: the lesser of
 * `(ln(1/alpha) + 1.5) / KL(rate, limit)` for FAIL and the same with beta and `limit + margin` for
 * PASS, each only where the rate lies on its side. Null without events.
 *
 * Good to a factor of about two, too high near the limit. Less what was seen, it is what is missing.
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

/** Kullback-Leibler divergence of two Bernoulli rates in nats; `base` in (0, 1). */
export function divergence(rate: number, base: number): number {
  const bad = rate === 0 ? 0 : rate * Math.log(rate / base)
  const good = rate === 1 ? 0 : (1 - rate) * Math.log((1 - rate) / (1 - base))
  return bad + good
}
