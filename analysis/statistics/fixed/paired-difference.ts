import { studentQuantile } from '../numeric/student-quantile.ts'
import { incompleteBeta } from '../numeric/incomplete-beta.ts'
import type { PairCounts } from '../comparison/pair-evidence.ts'
import type { Interval } from '../interval.ts'
import type { SideLevels } from './binomial-interval.ts'

const halvings = 60
const manyDegrees = 1e6

/**
 * Returns the probability of so many pairs that only the canary got wrong, if it got no more wrong than the
 * primary: the exact test of McNemar. Derivation: docs/statistics/fixed.md#pairs.
 */
export function mcNemar({ onlyCanaryBad, onlyPrimaryBad }: PairCounts): number {
  return onlyCanaryBad === 0 ? 1 : incompleteBeta(0.5, onlyCanaryBad, onlyPrimaryBad + 1)
}

/**
 * Returns the interval of the difference of the shares that canary and primary got wrong, of one set of pairs:
 * Tango's score interval (1998) with a correction for continuity, which keeps its level where few pairs differ.
 * Derivation: docs/statistics/fixed.md#pairs.
 */
export function pairedInterval(counts: PairCounts, levels: SideLevels): Interval {
  if (counts.pairs === 0) return { low: -1, high: 1 }
  const exchanged = {
    ...counts,
    onlyCanaryBad: counts.onlyPrimaryBad,
    onlyPrimaryBad: counts.onlyCanaryBad
  }
  return { low: -upperBound(exchanged, levels.low), high: upperBound(counts, levels.high) }
}

function upperBound(counts: PairCounts, level: number): number {
  const z = studentQuantile(level, manyDegrees)
  let low = (counts.onlyCanaryBad - counts.onlyPrimaryBad) / counts.pairs
  let high = 1
  for (let step = 0; step < halvings; step++) {
    const middle = (low + high) / 2
    if (score(counts, middle) > -z) low = middle
    else high = middle
  }
  return high
}

/** The score statistic of a difference; the share of pairs that only the primary got wrong is estimated under it. */
function score({ pairs, onlyCanaryBad, onlyPrimaryBad }: PairCounts, difference: number): number {
  const distance = onlyCanaryBad - onlyPrimaryBad - pairs * difference
  if (distance >= 0) return 0
  const b =
    -onlyCanaryBad - onlyPrimaryBad + (2 * pairs - onlyCanaryBad + onlyPrimaryBad) * difference
  const c = -onlyPrimaryBad * difference * (1 - difference)
  const share = (Math.sqrt(Math.max(0, b * b - 8 * pairs * c)) - b) / (4 * pairs)
  const variance = pairs * (2 * share + difference * (1 - difference))
  return variance <= 0 ? -Infinity : Math.min(0, distance + 0.5) / Math.sqrt(variance)
}
