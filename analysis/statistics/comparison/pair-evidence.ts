import type { Evidence } from '../evidence.ts'
import { rateEvidence, rateTest } from '../rate/rate-evidence.ts'
import type { RateLimit } from '../rate/rate-evidence.ts'
import { scaleOdds } from '../odds.ts'

/** Requests that both arms answered and that exactly one of them got wrong. */
export interface PairCounts {
  readonly onlyCanaryBad: number
  readonly onlyPrimaryBad: number
}

/**
 * Evidence from pairs (mirrored traffic, or two models on the same labelled set): McNemar's test as
 * an e-process. Of the discordant pairs, half are the canary's fault when it is no worse. FAIL proves
 * more than half; PASS proves odds below `tolerance` to 1 (above 1; 1.5 by default).
 */
export function pairEvidence(pairs: PairCounts, tolerance = 1.5): Evidence {
  const counts = {
    events: pairs.onlyCanaryBad + pairs.onlyPrimaryBad,
    bad: pairs.onlyCanaryBad
  }
  return rateEvidence(rateTest(pairLimit(tolerance)), counts)
}

/** The limit on the canary's share of the discordant pairs, for intervals and boundaries. */
export function pairLimit(tolerance: number): RateLimit {
  return { limit: 0.5, margin: scaleOdds(tolerance, 0.5) - 0.5 }
}
