import type { Interval } from '../interval.ts'

/**
 * Latencies in milliseconds as counts of buckets, each 2 % wider than the one before: pairs of bucket
 * and count, in order of buckets, none empty. Plain JSON of some 300 pairs at most in practice.
 *
 * DDSketch's mapping (Masson, Rim and Lee 2019) with a relative error of 1 %. For display, quantile
 * intervals and reports; verdicts use exact counters at their thresholds.
 */
export type LogHistogram = readonly (readonly [bucket: number, count: number])[]

const relativeError = 0.01
const gamma = (1 + relativeError) / (1 - relativeError)
const lnGamma = Math.log(gamma)
const lowestMs = 1e-3
const highestMs = 1e6
const offset = Math.floor(Math.log(lowestMs) / lnGamma)

/** The bucket of everything at or below a microsecond. */
export const underflowBucket = 0

/** The bucket of everything above a thousand seconds. */
export const overflowBucket = Math.ceil(Math.log(highestMs) / lnGamma) - offset + 1

/** A histogram of nothing. */
export const emptyHistogram: LogHistogram = []

/** The bucket of a latency of at least 0 ms; bucket i holds `(upper edge of i-1, upper edge of i]`. */
export function bucketOf(latencyMs: number): number {
  if (latencyMs <= lowestMs) return underflowBucket
  if (latencyMs > highestMs) return overflowBucket
  return Math.ceil(Math.log(latencyMs) / lnGamma) - offset
}

/** The edges of a bucket in milliseconds; from 0 for the lowest, to Infinity for the highest. */
export function bucketEdges(bucket: number): Interval {
  return {
    low: bucket <= underflowBucket ? 0 : withinRange(gamma ** (bucket + offset - 1)),
    high: bucket >= overflowBucket ? Infinity : withinRange(gamma ** (bucket + offset))
  }
}

function withinRange(edgeMs: number): number {
  return Math.min(highestMs, Math.max(lowestMs, edgeMs))
}

/** What stands for a bucket's latencies in milliseconds, within 1 % of each. */
export function bucketValue(bucket: number): number {
  if (bucket <= underflowBucket) return lowestMs
  if (bucket >= overflowBucket) return highestMs
  return (2 * gamma ** (bucket + offset)) / (1 + gamma)
}

/** The histogram of some latencies of at least 0 ms. */
export function histogramOf(latenciesMs: Iterable<number>): LogHistogram {
  const counts = new Map<number, number>()
  for (const latencyMs of latenciesMs) {
    const bucket = bucketOf(latencyMs)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  return inOrder(counts)
}

/** Both histograms together: exact, commutative and associative. */
export function mergeHistograms(one: LogHistogram, other: LogHistogram): LogHistogram {
  const counts = new Map(one)
  for (const [bucket, count] of other) counts.set(bucket, (counts.get(bucket) ?? 0) + count)
  return inOrder(counts)
}

/** How many latencies the histogram holds. */
export function countOf(histogram: LogHistogram): number {
  return histogram.reduce((sum, [, count]) => sum + count, 0)
}

/** The bucket that holds the latency of `rank` (1 is the least); undefined beyond the ends. */
export function bucketOfRank(histogram: LogHistogram, rank: number): number | undefined {
  if (rank < 1) return undefined
  let below = 0
  for (const [bucket, count] of histogram) {
    below += count
    if (below >= rank) return bucket
  }
  return undefined
}

/** Keeps a rank that is whole but for rounding (0.07 of 100) from being rounded up. */
const roundingError = 1e-9

/** The `level` quantile in milliseconds, within 1 % (nearest rank); undefined without latencies. */
export function histogramQuantile(histogram: LogHistogram, level: number): number | undefined {
  const rank = Math.max(1, Math.ceil(level * countOf(histogram) - roundingError))
  const bucket = bucketOfRank(histogram, rank)
  return bucket === undefined ? undefined : bucketValue(bucket)
}

/** Between how many and how many latencies are above `thresholdMs`: its own bucket is uncertain. */
export function countAbove(histogram: LogHistogram, thresholdMs: number): Interval {
  const own = bucketOf(thresholdMs)
  let low = 0
  let uncertain = 0
  for (const [bucket, count] of histogram) {
    if (bucket > own) low += count
    else if (bucket === own && thresholdMs < bucketEdges(own).high) uncertain = count
  }
  return { low, high: low + uncertain }
}

function inOrder(counts: ReadonlyMap<number, number>): LogHistogram {
  return [...counts].sort(([one], [other]) => one - other)
}
