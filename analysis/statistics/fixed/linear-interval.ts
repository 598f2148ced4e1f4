import type { Interval } from '../interval.ts'
import { studentQuantile } from '../numeric/student-quantile.ts'
import type { SideLevels } from './binomial-interval.ts'

/** A figure of a file, and what each independent part of the file adds to it. */
export interface LinearFigure {
  readonly estimate: number
  /** By row, or summed by cluster: how far the figure is from its true value because of it. Their sum is 0. */
  readonly influences: readonly number[]
  /** How many independent events the figure is about: those of the rarer kind. */
  readonly events: number
}

/**
 * Returns the interval of a figure that is nearly a sum over rows, such as an area under the curve (DeLong, DeLong and
 * Clarke-Pearson 1988) or the difference of two models on one set. It is approximate; where hardly anything varies,
 * it is as wide as that of events none of which was bad. Derivation: docs/statistics/fixed.md#large-samples.
 */
export function linearInterval(
  { estimate, influences, events }: LinearFigure,
  levels: SideLevels
): Interval {
  const parts = influences.length
  if (events < 2 || parts < 2) return { low: -Infinity, high: Infinity }
  const squares = influences.reduce((sum, each) => sum + each * each, 0)
  const deviation = Math.sqrt((squares * parts) / (parts - 1))
  const distance = (level: number) => {
    const rare = -Math.log(level) / events
    return Math.hypot(studentQuantile(level, events - 1) * deviation, rare)
  }
  return { low: estimate - distance(levels.low), high: estimate + distance(levels.high) }
}
