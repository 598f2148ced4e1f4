import type { Sample } from './vector.ts'

/**
 * The last value of each series that was ever seen, by series; of a histogram by edge, written as
 * text. A series that vanishes keeps its value, for it may come back. Plain JSON.
 */
export type LastValues = Readonly<Record<string, Readonly<Record<string, number>>>>

/** A histogram's increase: how many events had at most each edge, in order of edges. */
export type BucketIncrease = readonly { readonly edge: number; readonly events: number }[]

/** What came since the last read. */
export interface Increase {
  readonly last: LastValues
  /** Of each series; for counters one bucket with the edge Infinity. */
  readonly bySeries: readonly BucketIncrease[]
}

/**
 * The increase of raw counters between two reads: `now - before` per series, `now` where a counter
 * went back to 0, and the whole value of a series that is new. `rate` and `increase` are not used: they
 * extrapolate, and are no counts. A histogram starts anew as a whole when any of its buckets does.
 */
export function increaseSince(last: LastValues, samples: readonly Sample[]): Increase {
  const now = new Map<string, Map<string, number>>()
  for (const { series, edge, value } of samples) {
    const buckets = now.get(series) ?? new Map<string, number>()
    buckets.set(String(edge ?? Infinity), value)
    now.set(series, buckets)
  }
  const bySeries = [...now].map(([series, buckets]) => increaseOf(last[series] ?? {}, buckets))
  const seen = [...now].map(([series, buckets]) => [series, Object.fromEntries(buckets)] as const)
  return { last: { ...last, ...Object.fromEntries(seen) }, bySeries }
}

function increaseOf(
  before: Readonly<Record<string, number>>,
  now: ReadonlyMap<string, number>
): BucketIncrease {
  const isReset = [...now].some(([edge, value]) => value < (before[edge] ?? 0))
  return [...now]
    .map(([edge, value]) => ({
      edge: Number(edge),
      events: value - (isReset ? 0 : (before[edge] ?? 0))
    }))
    .sort((a, b) => a.edge - b.edge)
}
