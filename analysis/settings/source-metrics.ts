import type { SourceName } from './analysis.ts'
import { isLatency } from './metric.ts'
import type { Metric } from './metric.ts'
import type { Objective } from './objective.ts'

/** Who reads the settings: hooks, or `mlgitops gate`, which looks at a file. */
export type Place = 'hook' | 'gate'

/** The metrics that the counters of Prometheus and the answers of a replay can be judged by. */
const countedMetrics: ReadonlySet<Metric> = new Set<Metric>([
  'precision',
  'recall',
  'accuracy',
  'error-rate',
  'latency.p50',
  'latency.p90',
  'latency.p95',
  'latency.p99'
])

/** Whether hooks can judge a metric by some source; others are for `mlgitops gate`. */
export function isJudgedByHooks(metric: Metric): boolean {
  return countedMetrics.has(metric) || metric === 'f1'
}

/** Returns why objectives cannot be judged by what a source has. */
export function sourceProblems(
  objectives: readonly Objective[],
  source: SourceName,
  place: Place
): readonly string[] {
  return objectives.flatMap(objective => {
    const problem = sourceProblem(objective, source, place)
    return problem === undefined ? [] : [`${objective.metric}: ${problem}`]
  })
}

function sourceProblem(
  { metric, classes, reference }: Objective,
  source: SourceName,
  place: Place
): string | undefined {
  if (place === 'gate') return gateProblem(metric, reference.kind)
  if (source === 'events' && metric === 'f1') {
    return reference.kind === 'primary' ? 'not compared with the primary' : undefined
  }
  if (!countedMetrics.has(metric)) return `not judged by source: ${source}; mlgitops gate judges it`
  return classes === undefined
    ? undefined
    : `not judged by class by source: ${source}; mlgitops gate judges it`
}

function gateProblem(
  metric: Metric,
  reference: 'limit' | 'primary' | 'baseline'
): string | undefined {
  if (reference !== 'primary') return undefined
  return isLatency(metric) ? 'not compared with other predictions by a gate' : undefined
}
