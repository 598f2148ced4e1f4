import type { Sample } from './samples.ts'

/**
 * The last value of each series that was ever seen, by series; of a histogram by edge, written as
 * text. A series that vanishes keeps its value, for it may come back. Beside the edges `start` is when
 * its process began, where it tells that. Plain JSON.
 */
export type LastValues = Readonly<Record<string, Readonly<Record<string, number>>>>

/** A histogram's increase: how many events had at most each edge, in order of edges. */
export type BucketIncrease = readonly { readonly edge: number; readonly events: number }[]

/** What came since the last read. */
export interface Increase {
  readonly last: LastValues
  /** Of each series that told something; for counters one bucket with the edge Infinity. */
  readonly bySeries: readonly BucketIncrease[]
}

/** A sample, and when the process that it is of began: seconds since 1970, undefined where it is silent. */
export interface DatedSample extends Sample {
  readonly start?: number
}

/** A process that tells its start by another rounding has not begun again. */
const sameStartSeconds = 1

/**
 * The increase of raw counters over all their samples since the last read: `now - before` from sample to
 * sample, `now` where a counter went back to 0, and the whole value of a series that is new. `rate` and
 * `increase` are not used: they extrapolate, and are no counts. A series starts anew when its process
 * did, or when it has become less; a histogram as a whole when any of its buckets has. A histogram that
 * has buckets it did not have before counts from then on.
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
    scrape.values.set(String(edge ?? Infinity), value)
    all.set(series, times.set(timeMs, scrape))
  }
  const inOrder = (times: ReadonlyMap<number, Scrape>) =>
    [...times].sort(([a], [b]) => a - b).map(([, scrape]) => scrape)
  return new Map([...all].map(([series, times]) => [series, inOrder(times)]))
}

/** Adds what came with a scrape; what is known after it. */
function addScrape(
  events: Map<string, number>,
  known: Readonly<Record<string, number>>,
  scrape: Scrape
): Readonly<Record<string, number>> {
  const { values, start = known.start } = scrape
  const before = beginsAnew(known, scrape) ? {} : known
  const edges = Object.keys(before).filter(edge => edge !== 'start')
  // A part of a histogram would be other events than the whole: it waits until it is whole again.
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

function beginsAnew(known: Readonly<Record<string, number>>, { start, values }: Scrape): boolean {
  const isNewProcess =
    start !== undefined && Math.abs(start - (known.start ?? start)) > sameStartSeconds
  return isNewProcess || [...values].some(([edge, value]) => value < (known[edge] ?? 0))
}
