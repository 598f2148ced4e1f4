import type { Interval } from '../interval.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'
import { betFactor, stakes } from '../rate/bounded-evidence.ts'
import type { Side } from '../rate/bounded-evidence.ts'
import type { SideLevels } from './binomial-interval.ts'

const halvings = 50

/** Values between 0 and 1, and how many more there are that nobody knows. */
export interface KnownValues {
  readonly values: readonly number[]
  /** They count as 0 for the lower bound and as 1 for the upper one. */
  readonly missing: number
}

/**
 * Returns an interval of the mean of values between 0 and 1, whatever their distribution: the means that the bets of
 * a limit do not disprove. Derivation: docs/statistics/fixed.md#means (Waudby-Smith and Ramdas 2024).
 */
export function meanInterval({ values, missing }: KnownValues, levels: SideLevels): Interval {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  if (values.length === 0) return { low: 0, high: 1 }
  const isDisproved = (side: Side, border: number) =>
    lnWealth(counts, missing, { side, border }) >=
    -Math.log(levels[side === 'fail' ? 'low' : 'high'])
  return {
    low: lastWhere(0, 1, border => isDisproved('fail', border)),
    high: lastWhere(1, 0, border => isDisproved('pass', border))
  }
}

function lnWealth(
  counts: ReadonlyMap<number, number>,
  missing: number,
  { side, border }: { readonly side: Side; readonly border: number }
): number {
  return logMeanExp(
    stakes.map((stake, at) => {
      let sum = missing * Math.log1p(-stake)
      for (const [value, count] of counts) {
        sum += count * Math.log(betFactor(value, { side, at, border }))
      }
      return sum
    })
  )
}

/** Returns the last border, seen from `start`, that is disproved; `start` itself if none is. */
function lastWhere(start: number, end: number, isDisproved: (border: number) => boolean): number {
  let [inside, outside] = [start, end]
  for (let step = 0; step < halvings; step++) {
    const middle = (inside + outside) / 2
    if (isDisproved(middle)) inside = middle
    else outside = middle
  }
  return inside
}
