import type { Evidence } from '../evidence.ts'
import { rateEvidence, rateTest } from '../rate/rate-evidence.ts'
import type { RateLimit } from '../rate/rate-evidence.ts'
import { scaleOdds } from '../odds.ts'

/** Items that both arms answered and exactly one of them got wrong. */
export interface PairCounts {
  readonly onlyCanaryBad: number
  readonly onlyPrimaryBad: number
}

/**
 * Returns the evidence of pairs: two models on the same labelled set. It is McNemar's test as an e-process.
 * FAIL proves that more than half of the pairs are the canary's fault, PASS that the odds of that are below
 * `tolerance`, which is above 1. Derivation: docs/statistics/comparison.md#pairs.
 */
export function pairEvidence(pairs: PairCounts, tolerance = 1.5): Evidence {
  const counts = {
    events: pairs.onlyCanaryBad + pairs.onlyPrimaryBad,
    bad: pairs.onlyCanaryBad
  }
  return rateEvidence(rateTest(pairLimit(tolerance)), counts)
}

/** Returns the limit on the canary's share of the pairs. */
export function pairLimit(tolerance: number): RateLimit {
  return { limit: 0.5, margin: scaleOdds(tolerance, 0.5) - 0.5 }
}
