import type { Interval } from '../interval.ts'

/**
 * A histogram of latencies in milliseconds, accurate to 1 %: pairs of bucket and count, ordered by bucket,
 * without empty buckets. Plain JSON, in practice at most 300 pairs. It is used for display and for cuts;
 * objectives with a limit have exact counters at their thresholds.
 * How it works: docs/statistics/latency.md#the-histogram (DDSketch; Masson, Rim and Lee 2019).
 */
export type LogHistogram = readonly (readonly [bucket: number, count: number])[]

const relativeError = 0.01
const gamma = (1 + relativeError) / (1 - relativeError)
const lnGamma = Math.log(gamma)
const lowestMs = 1e-3
const highestMs = 1e6
const offset = Math.floor(Math.log(lowestMs) / lnGamma)

/** The bucket of latencies up to a microsecond. */
export const underflowBucket = 0

/** The bucket of latencies above 1,000 seconds. */
export const overflowBucket = Math.ceil(Math.log(highestMs) / lnGamma) - offset + 1

/** A histogram without latencies. */
export const emptyHistogram: LogHistogram = []

/** Returns the bucket of a latency of at least 0 ms. A bucket includes its upper edge. */
export function bucketOf(latencyMs: number): number {
  if (latencyMs <= lowestMs) return underflowBucket
  if (latencyMs > highestMs) return overflowBucket
  return Math.ceil(Math.log(latencyMs) / lnGamma) - offset
}

/** Returns the edges of a bucket in milliseconds. The lowest starts at 0, the highest ends at Infinity. */
export function bucketEdges(bucket: number): Interval {
  return {
    low: bucket <= underflowBucket ? 0 : withinRange(gamma ** (bucket + offset - 1)),
    high: bucket >= overflowBucket ? Infinity : withinRange(gamma ** (bucket + offset))
  }
}

function withinRange(edgeMs: number): number {
  return Math.min(highestMs, Math.max(lowestMs, edgeMs))
}

/** Returns a latency in milliseconds that is within 1 % of every latency in a bucket. */
export function bucketValue(bucket: number): number {
  if (bucket <= underflowBucket) return lowestMs
  if (bucket >= overflowBucket) return highestMs
  return (2 * gamma ** (bucket + offset)) / (1 + gamma)
}

/** Returns the histogram of latencies of at least 0 ms. */
export function histogramOf(latenciesMs: Iterable<number>): LogHistogram {
  const counts = new Map<number, number>()
  for (const latencyMs of latenciesMs) {
    const bucket = bucketOf(latencyMs)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  return inOrder(counts)
}

/** Returns the number of latencies in a histogram. */
export function countOf(histogram: LogHistogram): number {
  return histogram.reduce((sum, [, count]) => sum + count, 0)
}

/** Returns the bucket of the latency with a rank; 1 is the smallest. Undefined if there is none. */
export function bucketOfRank(histogram: LogHistogram, rank: number): number | undefined {
  if (rank < 1) return undefined
  let below = 0
  for (const [bucket, count] of histogram) {
    below += count
    if (below >= rank) return bucket
  }
  return undefined
}

/** Prevents that a rank such as 0.07 * 100, which is 7 except for rounding, is rounded up. */
const roundingError = 1e-9

/** Returns the `level` quantile in milliseconds (nearest rank), accurate to 1 %; undefined if empty. */
export function histogramQuantile(histogram: LogHistogram, level: number): number | undefined {
  const rank = Math.max(1, Math.ceil(level * countOf(histogram) - roundingError))
  const bucket = bucketOfRank(histogram, rank)
  return bucket === undefined ? undefined : bucketValue(bucket)
}

function inOrder(counts: ReadonlyMap<number, number>): LogHistogram {
  return [...counts].sort(([one], [other]) => one - other)
}
