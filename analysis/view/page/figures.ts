import { isError, isLatency } from '../../settings/metric.ts'
import type { Metric } from '../../settings/metric.ts'

/** Formats a value in the unit of its metric: `0.942`, `87.3 ms`. */
export function figure(metric: Metric, value: number | null): string {
  if (value === null) return '–'
  const text = String(Number(value.toPrecision(3)))
  return isLatency(metric) ? `${text} ms` : text
}

/** Returns the unit of a metric's values in words. */
export function unitText(metric: Metric): string {
  if (isLatency(metric)) return 'in milliseconds'
  return isError(metric) ? 'in the unit of the labels' : 'as a share of 1'
}

/** Formats an interval: `[0.91, 0.96]`. An unknown end is `–`. */
export function interval(
  metric: Metric,
  confidence: readonly [number | null, number | null] | null
): string {
  if (confidence === null) return '–'
  return `[${figure(metric, confidence[0])}, ${figure(metric, confidence[1])}]`
}

/** Formats a duration: `4.2 s`, `3:05`, `2:10:00`. */
export function elapsed(ms: number): string {
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))} s`
  const seconds = Math.round(ms / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  const pad = (part: number) => String(part).padStart(2, '0')
  const rest = pad(seconds % 60)
  return hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`
}

/** Formats a time in UTC: `2026-11-24 12:00:05Z`. */
export function clock(atMs: number): string {
  return new Date(atMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}
