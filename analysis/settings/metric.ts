/** The metrics: keys without `.min` or `.max`. */
export const metrics = [
  'precision',
  'recall',
  'accuracy',
  'error-rate',
  'latency.p50',
  'latency.p90',
  'latency.p95',
  'latency.p99'
] as const

/** A metric that can be judged; each is a share of bad events (docs/statistics.md#bad-events). */
export type Metric = (typeof metrics)[number]

/** A metric of latency. */
export type LatencyMetric = Extract<Metric, `latency.${string}`>

/** The quantile of each metric of latency. */
export const quantileOf: Readonly<Record<LatencyMetric, number>> = {
  'latency.p50': 0.5,
  'latency.p90': 0.9,
  'latency.p95': 0.95,
  'latency.p99': 0.99
}

/** Whether a metric is a quantile of latency. */
export function isLatency(metric: Metric): metric is LatencyMetric {
  return metric.startsWith('latency.')
}

/** Whether a metric needs labels. */
export function needsLabels(metric: Metric): boolean {
  return metric === 'precision' || metric === 'recall' || metric === 'accuracy'
}

/** How the limit is given: a minimum for metrics that need labels, a maximum for the others. */
export function limitWord(metric: Metric): 'min' | 'max' {
  return needsLabels(metric) ? 'min' : 'max'
}

/** The default margin, as a share of events. */
export function defaultMargin(metric: Metric): number {
  if (metric === 'error-rate' || metric === 'latency.p99') return 0.01
  return metric === 'latency.p50' ? 0.05 : 0.02
}
