import { isLatency, latencyName, scoreName } from '../settings/metric.ts'
import type { Metric } from '../settings/metric.ts'
import { shortNumber } from './sentence.ts'

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
  const quantile = metric.slice(metric.lastIndexOf('.') + 1).toUpperCase()
  const name = latencyName(metric)
  return name === undefined ? `${quantile} latency` : `${quantile} ${name} latency`
}

/** Writes a value in the unit of its metric: `0.942`, `87.3 ms`. */
export function figureText(metric: Metric, value: number): string {
  return `${shortNumber(value)}${isLatency(metric) ? ' ms' : ''}`
}

/** Returns a quantile with its name: `P99 latency 87.3 ms`. */
export function latencyText(metric: Metric, quantileMs: number): string {
  return `${metricName(metric)} ${figureText(metric, quantileMs)}`
}
