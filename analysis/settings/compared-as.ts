import type { Analysis } from './analysis.ts'
import { comparesClasses, isError } from './metric.ts'
import type { Metric } from './metric.ts'

/** What a metric needs predictions and labels to be; undefined for metrics that compare none. */
export type ComparedAs = 'classes' | 'numbers'

/** Returns what an analysis compares predictions and labels as, for one metric. */
export function comparedAs(
  metric: Metric,
  { tolerance }: Pick<Analysis, 'tolerance'>
): ComparedAs | undefined {
  if (isError(metric) || (metric === 'accuracy' && tolerance !== undefined)) return 'numbers'
  return comparesClasses(metric) ? 'classes' : undefined
}
