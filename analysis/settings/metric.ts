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
  'latency.p99',
  'tokens-per-second'
] as const

/** A mean of values between 0 and 1, such as `score.helpful`. */
export type ScoreMetric = `score.${string}`

/** A quantile of a latency that events name themselves, such as `latency.ttft.p95`. */
export type NamedLatencyMetric = `latency.${string}.${'p50' | 'p90' | 'p95' | 'p99'}`

/** A metric that can be judged: each is a mean of values between 0 and 1 (docs/statistics.md#bad-events). */
export type Metric = (typeof metrics)[number] | ScoreMetric | NamedLatencyMetric

/** A metric of latency. */
export type LatencyMetric = Extract<Metric, `latency.${string}`>

const quantiles: Readonly<Record<string, number>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 }

/** Returns the quantile of a metric of latency. That of tokens per second is the median. */
export function quantileOf(metric: LatencyMetric | SpeedMetric): number {
  return quantiles[metric.slice(metric.lastIndexOf('.') + 1)] ?? 0.5
}

/** Tokens per second, of which at least half of the requests must have as many as the limit. */
export type SpeedMetric = 'tokens-per-second'

/** Whether a metric is {@link SpeedMetric}. */
export function isSpeed(metric: Metric): metric is SpeedMetric {
  return metric === 'tokens-per-second'
}

/** Whether a metric is a quantile of times: of a latency, or of the time per token. */
export function isQuantile(metric: Metric): metric is LatencyMetric | SpeedMetric {
  return isLatency(metric) || isSpeed(metric)
}

/** The name of the time per token, the inverse of the speed. No event can name a latency so. */
export const perToken = '/token'

/**
 * Returns the name of the latency that a metric is about: `ttft` of `latency.ttft.p95`, {@link perToken} of the
 * speed; undefined for another metric, and for the latency of the whole request.
 */
export function latencyName(metric: Metric): string | undefined {
  if (isSpeed(metric)) return perToken
  return /^latency\.([^.]+)\.p\d\d$/.exec(metric)?.[1]
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

const latencyMargins: Readonly<Record<number, number>> = { 0.5: 0.05, 0.99: 0.01 }

/** The default margin, as a share of events or of the largest error. */
export function defaultMargin(metric: Metric): number {
  if (isLatency(metric) || isSpeed(metric)) return latencyMargins[quantileOf(metric)] ?? 0.02
  return metric === 'error-rate' ? 0.01 : 0.02
}
