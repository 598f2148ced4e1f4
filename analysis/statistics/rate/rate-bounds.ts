import type { RateCounts } from '../counts.ts'
import { lnAbove, lnBelow, rateMixture } from './rate-evidence.ts'
import type { RateLimit } from './rate-evidence.ts'

/**
 * Returns the rate below which the test of FAIL leaves nothing: it would be proved were this, or less, the limit. So
 * it is beyond the limit if FAIL is proved. 0 if nothing is. It holds at all times at once with the level of a FAIL.
 * Derivation: docs/statistics/rates.md#bounds-of-a-verdict.
 *
 * @param needed the natural logarithm of the evidence that proves a FAIL
 */
export function lowestRate(limit: RateLimit, counts: RateCounts, needed: number): number {
  const mixture = rateMixture(limit)
  return provedBorder(rate => lnAbove(mixture, rate, counts) >= needed, counts, -1)
}

/**
 * Returns the rate above which the test of PASS leaves nothing: it would be proved were this, or more, the limit with
 * its margin. So it is within both if PASS is proved. 1 if nothing is.
 *
 * @param needed the natural logarithm of the evidence that proves a PASS
 */
export function highestRate(limit: RateLimit, counts: RateCounts, needed: number): number {
  const mixture = rateMixture(limit)
  return provedBorder(rate => lnBelow(mixture, rate, counts) >= needed, counts, 1)
}

/** Of a doubling of the distance from the estimate; a bound is then right to a thousandth of that distance. */
const halvings = 10
const farthest = 40

/**
 * Finds the border next to the estimate at which a test proves its side, on the scale of odds. It returns a border at
 * which the side is proved, and 0 or 1 if there is none.
 *
 * @param direction where the borders are that are proved: -1 below the estimate, 1 above it
 */
function provedBorder(
  isProved: (rate: number) => boolean,
  { events, bad }: RateCounts,
  direction: 1 | -1
): number {
  const none = direction === 1 ? 1 : 0
  if (events === 0) return none
  const good = events - bad
  const estimate = Math.log((bad + 0.5) / (good + 0.5))
  const rateAt = (distance: number) => 1 / (1 + Math.exp(-(estimate + direction * distance)))
  let open = 0
  let proved = 2 / Math.sqrt(Math.min(bad, good) + 1)
  while (!isProved(rateAt(proved))) {
    open = proved
    proved *= 2
    if (proved > farthest) return none
  }
  for (let step = 0; step < halvings; step += 1) {
    const middle = (open + proved) / 2
    if (isProved(rateAt(middle))) proved = middle
    else open = middle
  }
  return rateAt(proved)
}
