import type { CountedSource } from '../source/progress.ts'
import type { BucketIncrease, LastValues } from './increase.ts'

/** How far the counters of one analysis were read. Plain JSON, but for edges, which are texts. */
export interface PrometheusProgress extends CountedSource {
  /** By counter and variant: `requests canary`. */
  readonly last: Readonly<Record<string, LastValues>>
  /** The primary's latencies so far, until there are enough for cuts. */
  readonly latencies: BucketIncrease
  /** Edges nearest to the primary's quantiles; undefined until they are known. */
  readonly cuts?: readonly number[]
}

/** As it is stored: JSON has no Infinity. */
export function writeProgress(progress: PrometheusProgress): string {
  return JSON.stringify(progress, (_, value: unknown) => (value === Infinity ? '+Inf' : value))
}

/** As it was stored; undefined before the first read. */
export function readProgress(text: string | null): PrometheusProgress | undefined {
  if (text === null) return undefined
  return JSON.parse(text, (_, value: unknown) =>
    value === '+Inf' ? Infinity : value
  ) as PrometheusProgress
}
