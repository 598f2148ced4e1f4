import type { Evidence } from '../evidence.ts'
import { logBeta, logChoose } from '../numeric/log-beta.ts'
import type { KnownTotal } from './exact.ts'

/** A limit on a share: FAIL proves a share below `least`, PASS one above `least - margin`. In (0, 1). */
export interface ShareLimit {
  readonly least: number
  readonly margin: number
}

/** The weight of the prior at the limit, in events. */
const priorStrength = 20

/**
 * Returns the evidence about a whole set from the items seen so far, in an order that was drawn before.
 * Infinity if the null hypothesis has become impossible, 0 if the share seen agrees with it.
 * Derivation: docs/statistics/replay.md#a-proof-before-the-end (Waudby-Smith and Ramdas 2020).
 */
export function earlyStopEvidence(counts: KnownTotal, { least, margin }: ShareLimit): Evidence {
  const { good, seen, total } = counts
  const enough = fewestReaching(total, least)
  const notEnough = fewestReaching(total, least - margin)
  const tooFew = notEnough / total === least - margin ? notEnough : notEnough - 1
  return {
    lnEFail: good * total < enough * seen ? lnRatio(counts, enough, least) : 0,
    lnEPass: good * total > tooFew * seen ? lnRatio(counts, tooFew, least) : 0
  }
}

/** Returns the least count whose share is at least `share`, by the division that the verdict uses. */
function fewestReaching(total: number, share: number): number {
  let count = Math.max(0, Math.ceil(share * total) - 1)
  while (count / total < share) count++
  return count
}

function lnRatio({ good, seen, total }: KnownTotal, inSet: number, centre: number): number {
  const left = inSet - good
  if (left < 0 || left > total - seen) return Infinity
  const [a, b] = [priorStrength * centre, priorStrength * (1 - centre)]
  return (
    logChoose(total, inSet) -
    logChoose(total - seen, left) +
    logBeta(a + good, b + seen - good) -
    logBeta(a, b)
  )
}
