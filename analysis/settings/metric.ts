/** The metrics whose names are fixed: keys without `.min` or `.max`. */
export const metrics = [
  'precision',
  'recall',
  'accuracy',
  'f1',
  'auc',
  'mae',
  'bias',
  'error-rate',
  'prediction-rate',
  'latency.p50',
  'latency.p90',
  'latency.p95',
  'latency.p99'
] as const

/** A mean of values between 0 and 1, such as `score.helpful`. */
export type ScoreMetric = `score.${string}`

/** A metric that can be judged: each is a mean of values between 0 and 1 (docs/statistics.md#bad-events). */
export type Metric = (typeof metrics)[number] | ScoreMetric

/** A metric of latency. */
export type LatencyMetric = Extract<Metric, `latency.${string}`>

const quantiles: Readonly<Record<LatencyMetric, number>> = {
  'latency.p50': 0.5,
  'latency.p90': 0.9,
  'latency.p95': 0.95,
  'latency.p99': 0.99
}

/** Returns the quantile of a metric of latency. */
export function quantileOf(metric: LatencyMetric): number {
  return quantiles[metric]
}

/** Whether a metric is a quantile of latency. */
export function isLatency(metric: Metric): metric is LatencyMetric {
  return metric.startsWith('latency.')
}

/** Returns the name of a score: `helpful` of `score.helpful`; undefined for another metric. */
export function scoreName(metric: Metric): string | undefined {
  return metric.startsWith('score.') ? metric.slice('score.'.length) : undefined
}

const labelled: ReadonlySet<string> = new Set([
  'precision',
  'recall',
  'accuracy',
  'f1',
  'auc',
  'mae',
  'bias'
])

/** Whether a metric needs labels. */
export function needsLabels(metric: Metric): boolean {
  return labelled.has(metric)
}

/** Whether a metric compares predicted classes with labels. */
export function comparesClasses(metric: Metric): boolean {
  return needsLabels(metric) && !isError(metric) && metric !== 'auc'
}

/** Whether a metric is about quality, so that a run needs it to be proved. */
export function isQuality(metric: Metric): boolean {
  return needsLabels(metric) || scoreName(metric) !== undefined
}

/** Whether a metric is a mean of values rather than a share of events (docs/statistics/fixed.md#means). */
export function isMean(metric: Metric): boolean {
  return isError(metric) || scoreName(metric) !== undefined
}

/** Whether a metric is about how far a number is from its label. */
export function isError(metric: Metric): boolean {
  return metric === 'mae' || metric === 'bias'
}

/** Whether a metric is about a difference of the arms and has no limit. */
export function isOnlyCompared(metric: Metric): boolean {
  return metric === 'prediction-rate'
}

/** How the limit is given: a minimum where more is better, otherwise a maximum. */
export function limitWord(metric: Metric): 'min' | 'max' {
  const isMost = metric === 'error-rate' || isOnlyCompared(metric)
  return isMost || isLatency(metric) || isError(metric) ? 'max' : 'min'
}

/** The default margin, as a share of events or of the largest error. */
export function defaultMargin(metric: Metric): number {
  if (metric === 'error-rate' || metric === 'latency.p99') return 0.01
  return metric === 'latency.p50' ? 0.05 : 0.02
}
