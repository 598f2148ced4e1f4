import { UsageError } from '../../common/command.ts'
import type { Analysis } from '../settings/analysis.ts'
import { isLatency, needsLabels, scoreName } from '../settings/metric.ts'
import type { Metric } from '../settings/metric.ts'
import type { GateColumns, GateOptions } from './read-gate-options.ts'

/** Keys that are about time and traffic, which a finished file does not have. */
const aboutTime = new Set([
  ...['block', 'maturity', 'response-timeout', 'guards', 'warmup', 'min-intervals'],
  ...['max-analysis', 'dispersion', 'step-gate', 'on-inconclusive', 'on-error', 'output']
])

/** Returns the keys that a gate does not use. */
export function unusedKeys(settings: ReadonlyMap<string, string>): readonly string[] {
  return [...settings.keys()].filter(key => aboutTime.has(key) || key.endsWith('.maturity'))
}

/**
 * Finds columns that an objective needs and nobody named, and columns that nobody needs.
 *
 * @throws {UsageError}
 */
export function checkColumns(
  { objectives, source }: Analysis,
  { columns, against }: Pick<GateOptions, 'columns' | 'against'>
): void {
  if (source !== 'events') throw new UsageError(`source: ${source} is not used by a gate`)
  const problems = objectives.flatMap(({ metric }) =>
    neededBy(metric)
      .filter(column => columns[column] === undefined)
      .map(column => `${metric} needs --${column} COLUMN`)
  )
  if (objectives.some(({ reference }) => reference.kind === 'primary') && against === undefined) {
    problems.push('versus: primary needs --against FILE')
  }
  if (problems.length > 0) throw new UsageError([...new Set(problems)].join('; '))
}

function neededBy(metric: Metric): readonly (keyof GateColumns)[] {
  if (metric === 'auc') return ['label', 'score']
  if (isLatency(metric)) return ['latency']
  if (scoreName(metric) !== undefined) return []
  return needsLabels(metric) ? ['label', 'prediction'] : ['prediction']
}
