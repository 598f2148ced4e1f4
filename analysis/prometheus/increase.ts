import type { Sample } from './samples.ts'

/**
 * The last value of every series seen so far, by series; for a histogram by edge, written as a string. A
 * series that vanishes keeps its value, because it may come back. The key `start` next to the edges is the
 * start time of its process, if known. Plain JSON.
 */
export type LastValues = Readonly<Record<string, Readonly<Record<string, number>>>>

/** A histogram's increase: how many events had at most each edge, in order of edges. */
export type BucketIncrease = readonly { readonly edge: number; readonly events: number }[]

/** The increase since the last read. */
export interface Increase {
  readonly last: LastValues
  /** Of each series with an increase; a counter has one bucket with the edge Infinity. */
  readonly bySeries: readonly BucketIncrease[]
}

/** A sample and the start time of its process, in seconds since 1970; undefined if unknown. */
export interface DatedSample extends Sample {
  readonly start?: number
}

/** The start time of one process may be rounded differently. */
const sameStartSeconds = 1

/**
 * Computes the increase of raw counters over all samples since the last read: `now - before` from sample to
 * sample, `now` after a reset to 0, and the whole value of a new series. `rate` and `increase` are not used:
 * they extrapolate, so their results are not counts. A series was reset if its process restarted or its value
 * decreased; a histogram was reset if any of its buckets was. A histogram with new buckets counts from the
 * next sample.
 */
export function increaseSince(last: LastValues, samples: readonly DatedSample[]): Increase {
  const now: Record<string, Readonly<Record<string, number>>> = { ...last }
  const bySeries: BucketIncrease[] = []
  for (const [series, scrapes] of scrapesBySeries(samples)) {
    const events = new Map<string, number>()
    let known = last[series] ?? {}
    for (const scrape of scrapes) known = addScrape(events, known, scrape)
    now[series] = known
    if (events.size === 0) continue
    bySeries.push(
      [...events]
        .map(([edge, count]) => ({ edge: Number(edge), events: count }))
        .sort((a, b) => a.edge - b.edge)
    )
  }
  return { last: now, bySeries }
}

/** The values of a series at one time, by edge. */
interface Scrape {
  readonly start: number | undefined
  readonly values: Map<string, number>
}

/** Each series' scrapes in order of time. */
function scrapesBySeries(samples: readonly DatedSample[]): ReadonlyMap<string, readonly Scrape[]> {
  const all = new Map<string, Map<number, Scrape>>()
  for (const { series, edge, value, timeMs, start } of samples) {
    const times = all.get(series) ?? new Map<number, Scrape>()
    const scrape = times.get(timeMs) ?? { start, values: new Map<string, number>() }
    const name = String(edge ?? Infinity)
    // Where an edge is written in two ways at once, one of them is older.
    scrape.values.set(name, Math.max(value, scrape.values.get(name) ?? 0))
    all.set(series, times.set(timeMs, scrape))
  }
  const inOrder = (times: ReadonlyMap<number, Scrape>) =>
    [...times].sort(([a], [b]) => a - b).map(([, scrape]) => scrape)
  return new Map([...all].map(([series, times]) => [series, inOrder(times)]))
}

/** Adds the increase of one scrape, and returns the last values after it. */
function addScrape(
  events: Map<string, number>,
  known: Readonly<Record<string, number>>,
  scrape: Scrape
): Readonly<Record<string, number>> {
  const { values, start = known.start } = scrape
  const before = isReset(known, scrape) ? {} : known
  const edges = Object.keys(before).filter(edge => edge !== 'start')
  // Some buckets alone would count other events than the whole histogram: wait for a complete scrape.
  if (edges.some(edge => !values.has(edge))) return known
  const isOther = edges.length > 0 && edges.length < values.size
  for (const [edge, value] of isOther ? [] : values) {
    events.set(edge, (events.get(edge) ?? 0) + value - (before[edge] ?? 0))
  }
  return {
    ...before,
    ...Object.fromEntries(values),
    ...(start === undefined ? {} : { start })
  }
}

function isReset(known: Readonly<Record<string, number>>, { start, values }: Scrape): boolean {
  const isNewProcess =
    start !== undefined && Math.abs(start - (known.start ?? start)) > sameStartSeconds
  return isNewProcess || [...values].some(([edge, value]) => value < (known[edge] ?? 0))
}
