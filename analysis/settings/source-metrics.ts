import type { SourceName } from './analysis.ts'
import { isLatency, isOnlyCompared, latencyName, scoreName } from './metric.ts'
import type { Metric } from './metric.ts'
import type { Objective } from './objective.ts'

/** Who reads the settings: hooks, or `mlgitops gate`, which looks at a file. */
export type Place = 'hook' | 'gate'

/** The metrics that counters of Prometheus can be judged by, and that are compared with the primary. */
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
  if (isOnlyOfEvents(metric)) {
    return source === 'events' ? undefined : `not judged by source: ${source}, only by events`
  }
  const isCounted = countedMetrics.has(metric)
  if (reference.kind === 'primary' && !isCounted) return 'not compared with the primary'
  if (source === 'replay') {
    // The answers of a model server have no scores by name.
    return scoreName(metric) === undefined ? undefined : notBy('replay', 'events')
  }
  if (source === 'events') return undefined
  if (!isCounted) return notBy(source, scoreName(metric) === undefined ? others : 'events')
  return classes === undefined ? undefined : `by class ${notBy(source, others)}`
}

const others = 'events, replay'

function notBy(source: SourceName, judging: string): string {
  return `not judged by source: ${source}; ${judging} and mlgitops gate judge it`
}

/** Whether only events have what a metric is judged by: arms without labels, or latencies by name. */
function isOnlyOfEvents(metric: Metric): boolean {
  return isOnlyCompared(metric) || latencyName(metric) !== undefined
}

function gateProblem(
  metric: Metric,
  reference: 'limit' | 'primary' | 'baseline'
): string | undefined {
  if (isOnlyOfEvents(metric)) return 'not judged by a gate'
  if (reference !== 'primary') return undefined
  return isLatency(metric) ? 'not compared with other predictions by a gate' : undefined
}
