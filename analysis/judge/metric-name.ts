import { isLatency, scoreName } from '../settings/metric.ts'
import type { Metric } from '../settings/metric.ts'

const words: Readonly<Record<string, string>> = {
  f1: 'F1',
  auc: 'AUC',
  mae: 'mean absolute error',
  'error-rate': 'error rate'
}

/** Returns the name of a metric in a sentence: `error rate`, `P99 latency`, `score helpful`. */
export function metricName(metric: Metric): string {
  const score = scoreName(metric)
  if (score !== undefined) return `score ${score}`
  if (!isLatency(metric)) return words[metric] ?? metric
  return `${metric.slice('latency.'.length).toUpperCase()} latency`
}
