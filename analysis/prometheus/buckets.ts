import type { BucketIncrease } from './increase.ts'

/** Edges are decimal strings and thresholds are milliseconds: 0.1 s and 100 ms are the same edge. */
const roundingError = 1e-9

/** Returns why a histogram cannot be counted; undefined if it can. */
export function defectOfBuckets(buckets: BucketIncrease): string | undefined {
  if (buckets.at(-1)?.edge !== Infinity) return 'a histogram has no bucket +Inf'
  const isAscending = buckets.every(({ events }, at) => events >= (buckets[at - 1]?.events ?? 0))
  return isAscending ? undefined : 'a histogram has fewer events below a higher edge'
}

/** Returns the number of events in a valid histogram. */
export function eventsIn(buckets: BucketIncrease): number {
  return buckets.at(-1)?.events ?? 0
}

/** Bounds on the number of events above a threshold, in the unit of the edges. */
export interface Above {
  /** Above the next edge at or beyond the threshold: certainly slower. */
  readonly least: number
  /** Above the next edge at or before the threshold: all that may be slower. */
  readonly most: number
  /** Those edges; both are the threshold where it is an edge. */
  readonly between: readonly [lower: number, higher: number]
}

/** Counts the events above a threshold as exactly as the edges allow, without interpolation. */
export function countAboveEdge(buckets: BucketIncrease, threshold: number): Above {
  const all = eventsIn(buckets)
  const higher = buckets.find(({ edge }) => edge >= threshold * (1 - roundingError))
  const lower = buckets.findLast(({ edge }) => edge <= threshold * (1 + roundingError))
  return {
    least: all - (higher?.events ?? all),
    most: all - (lower?.events ?? 0),
    between: [lower?.edge ?? 0, higher?.edge ?? Infinity]
  }
}

/** Returns the lowest edge with at least this share of the events at or below it; undefined without events. */
export function edgeOfQuantile(buckets: BucketIncrease, level: number): number | undefined {
  const all = eventsIn(buckets)
  return all === 0
    ? undefined
    : buckets.find(({ events }) => events >= level * all * (1 - roundingError))?.edge
}

/** Adds two histograms. At an edge that one of them lacks, its count at the next lower edge is used. */
export function addBuckets(one: BucketIncrease, other: BucketIncrease): BucketIncrease {
  const edges = [...new Set([...one, ...other].map(({ edge }) => edge))].sort((a, b) => a - b)
  return edges.map(edge => ({ edge, events: below(one, edge) + below(other, edge) }))
}

function below(buckets: BucketIncrease, limit: number): number {
  return buckets.findLast(({ edge }) => edge <= limit)?.events ?? 0
}
