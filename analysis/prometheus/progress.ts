import type { CountedSource } from '../source/progress.ts'
import type { BucketIncrease, LastValues } from './increase.ts'

/** How far the counters of one analysis were read. */
export interface PrometheusProgress extends CountedSource {
  /** By counter and variant, such as `requests canary`. */
  readonly last: Readonly<Record<string, LastValues>>
  /** The primary's latencies so far; they grow until there are enough for cuts. */
  readonly latencies: BucketIncrease
  /** False while the counters at the start of the run could not be used. */
  readonly isBegun?: false
  /** How often the next window was tried and could not be used. */
  readonly tries?: number
  /** Edges nearest to the primary's quantiles; undefined until they are known. */
  readonly cuts?: readonly number[]
}

/** Serializes progress. JSON has no Infinity, so an infinite edge is stored as `+Inf`. */
export function writeProgress(progress: PrometheusProgress): string {
  return JSON.stringify(progress, (_, value: unknown) => (value === Infinity ? '+Inf' : value))
}

/** Reads stored progress; undefined before the first read of counters. */
export function readProgress(text: string | null): PrometheusProgress | undefined {
  if (text === null) return undefined
  return JSON.parse(text, (_, value: unknown) =>
    value === '+Inf' ? Infinity : value
  ) as PrometheusProgress
}
