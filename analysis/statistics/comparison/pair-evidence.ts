import type { Evidence } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'
import { rateEvidence, rateTest } from '../rate/rate-evidence.ts'
import { stakes } from '../rate/bounded-evidence.ts'

/** Items that both arms answered. */
export interface PairCounts {
  readonly pairs: number
  /** Of these, the ones that exactly one arm got wrong. */
  readonly onlyCanaryBad: number
  readonly onlyPrimaryBad: number
}

/** FAIL looks for odds of 1.5 that a discordant pair is the canary's fault. */
const designMargin = 0.1

/**
 * Returns the evidence of pairs: two models on the same items. FAIL is McNemar's test as an e-process: more than
 * half of the pairs that exactly one arm got wrong are the canary's fault. PASS proves that the canary is wrong in
 * less than `margin` more of the pairs, and needs no pair that the arms disagree on.
 * Derivation: docs/statistics/pairs.md.
 *
 * @param margin a share of the pairs, in (0, 1)
 */
export function pairEvidence(counts: PairCounts, margin: number): Evidence {
  const { pairs, onlyCanaryBad, onlyPrimaryBad } = counts
  const discordant = { events: onlyCanaryBad + onlyPrimaryBad, bad: onlyCanaryBad }
  const { lnEFail } = rateEvidence(rateTest({ limit: 0.5, margin: designMargin }), discordant)
  const same = pairs - discordant.events
  const lnWealth = stakes.map(stake => {
    const bet = stake / (1 - margin)
    return (
      same * Math.log1p(bet * margin) +
      onlyCanaryBad * Math.log1p(bet * (margin - 1)) +
      onlyPrimaryBad * Math.log1p(bet * (margin + 1))
    )
  })
  return { lnEFail, lnEPass: logMeanExp(lnWealth) }
}
