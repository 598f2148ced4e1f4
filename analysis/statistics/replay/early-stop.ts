import type { Evidence } from '../evidence.ts'
import { logBeta, logChoose } from '../numeric/log-beta.ts'
import type { KnownTotal } from './exact.ts'

/** What a share must reach: FAIL proves it below `least`, PASS above `least - margin`. In (0, 1). */
export interface ShareLimit {
  readonly least: number
  readonly margin: number
}

/** How strongly the prior holds to the limit, in pseudo-counts. */
const priorStrength = 20

/**
 * Evidence about the whole set from the part seen so far in an order drawn at random beforehand: the
 * prior-posterior ratio without replacement (Waudby-Smith and Ramdas 2020),
 * `ln R(k) = ln C(N,k) - ln C(N-n,k-s) + ln B(a+s,b+n-s) - ln B(a,b)` for k good in the set, taken at
 * the nearest k of each null hypothesis. Infinity where the null has become impossible; 0 where the
 * share seen lies on the null's side.
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

/** The least count whose share of `total` is at least `share`, by the division that the verdict uses. */
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
