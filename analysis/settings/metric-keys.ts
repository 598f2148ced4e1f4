import { isOnlyCompared, isQuality, limitWord, metrics } from './metric.ts'
import type { Metric } from './metric.ts'

/** The keys of objectives whose metric is named by the user. */
const named =
  /^(score\.[a-z0-9][a-z0-9_-]{0,62}|latency\.[a-z0-9][a-z0-9_-]{0,62}\.p(?:50|90|95|99))\.([a-z]+)$/i

const comparable: ReadonlySet<Metric> = new Set<Metric>([
  'precision',
  'recall',
  'accuracy',
  'f1',
  'auc',
  'error-rate',
  'latency.p50',
  'latency.p90',
  'latency.p95',
  'latency.p99'
])

/** Returns the words that a key of a metric may end with. */
export function wordsOf(metric: Metric): readonly string[] {
  if (isOnlyCompared(metric)) return ['versus', 'tolerance', 'critical']
  const words = [limitWord(metric), 'margin', 'critical']
  if (comparable.has(metric)) words.push('versus')
  if (isQuality(metric)) words.push('maturity')
  if (metric === 'precision' || metric === 'recall') words.push('class')
  return words
}

/** Full names of the keys of metrics with fixed names: `precision.min`, but not `precision.max`. */
export const metricKeyNames: ReadonlySet<string> = new Set(
  metrics.flatMap(metric => wordsOf(metric).map(word => `${metric}.${word}`))
)

/** Returns the metric whose key this is; undefined for another key. */
export function metricOfKey(key: string): Metric | undefined {
  if (metricKeyNames.has(key)) {
    return metrics.find(metric => key.slice(0, key.lastIndexOf('.')) === metric)
  }
  const [, metric, word = ''] = named.exec(key) ?? []
  return metric !== undefined && wordsOf(metric as Metric).includes(word)
    ? (metric as Metric)
    : undefined
}

/** Returns the metrics of keys: fixed ones in their order, then named ones in the order of the keys. */
export function metricsOfKeys(keys: Iterable<string>): readonly Metric[] {
  const found = new Set([...keys].flatMap(key => metricOfKey(key) ?? []))
  const fixed = metrics.filter(metric => found.has(metric))
  return [...fixed, ...[...found].filter(metric => !(fixed as readonly Metric[]).includes(metric))]
}

/** Whether keys name an objective, and not only how it is judged. */
export function namesObjective(keys: Iterable<string>): boolean {
  return [...keys].some(key => /\.(?:min|max|versus)$/.test(key) && metricOfKey(key) !== undefined)
}
