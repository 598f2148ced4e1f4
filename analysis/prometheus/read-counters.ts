import { variants } from '../counter/outcome.ts'
import type { Variant } from '../counter/outcome.ts'
import type { PrometheusCounter, PrometheusSettings } from '../settings/prometheus-settings.ts'
import { writeSelector } from '../settings/selector.ts'
import type { Selector, SelectorNames } from '../settings/selector.ts'
import { SourceDown } from '../source/exchange.ts'
import type { Exchange } from '../source/exchange.ts'
import type { DatedSample } from './increase.ts'
import { readSamples } from './samples.ts'
import type { Sample, SampleForm } from './samples.ts'

/** One counter of one arm, and its selector. */
export interface CounterQuery {
  readonly counter: PrometheusCounter
  readonly variant: Variant
  readonly query: string
  /** Selects the start times of the arm's processes. */
  readonly starts: string
}

/** A query and its samples at one time or in a window. */
export interface CounterRead extends CounterQuery {
  readonly samples: readonly DatedSample[]
}

/** Prometheus responded, but its samples cannot be used. */
export class UnusableSamples extends SourceDown {
  /** Why, without the address. */
  readonly why: string

  constructor(message: string, why: string) {
    super(message)
    this.why = why
  }
}

/** How Prometheus is queried. */
export interface PrometheusConnection {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly exchange: Exchange
  readonly signal: AbortSignal
}

const limitBytes = 16 * 1024 * 1024
/** Length of a window in one query. For 20,000 series scraped every 15 s the response has 13 MB. */
const partMs = 300_000
/** Client libraries of Prometheus export the start time of their process next to their counters. */
const startSelector: Selector = { matchers: ['__name__="process_start_time_seconds"'] }

/** Returns every query that the settings need; none for the primary if nothing selects it. */
export function queriesOf(
  { selectors, canary, primary }: PrometheusSettings,
  names: SelectorNames
): readonly CounterQuery[] {
  return [...selectors].flatMap(([counter, selector]) =>
    variants.flatMap(variant => {
      const arm = variant === 'canary' ? canary : primary
      if (arm === undefined) return []
      const [query, starts] = [selector, startSelector].map(each => writeSelector(each, arm, names))
      return query === undefined || starts === undefined
        ? []
        : [{ counter, variant, query, starts }]
    })
  )
}

/**
 * Reads the raw values of counters at one time, by instant queries.
 *
 * @throws {SourceDown} if Prometheus cannot be reached or its response cannot be used
 */
export async function readCounters(
  connection: PrometheusConnection,
  queries: readonly CounterQuery[],
  atMs: number
): Promise<readonly CounterRead[]> {
  return await readAll(queries, (query, isCount) =>
    ask(connection, { query, atMs }, { type: 'vector', isCount })
  )
}

/**
 * Reads every sample of a window, because the value at its end alone would hide a reset of the counter.
 *
 * @throws {SourceDown}
 */
export async function readWindow(
  connection: PrometheusConnection,
  queries: readonly CounterQuery[],
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number }
): Promise<readonly CounterRead[]> {
  let whole: readonly CounterRead[] = queries.map(query => ({ ...query, samples: [] }))
  for (let startMs = fromMs; startMs < untilMs; startMs += partMs) {
    const endMs = Math.min(startMs + partMs, untilMs)
    const part = await readAll(queries, (query, isCount) => {
      const range = `${query}[${endMs - startMs}ms]`
      return ask(connection, { query: range, atMs: endMs }, { type: 'matrix', isCount })
    })
    whole = whole.map((read, at) => ({
      ...read,
      samples: [...read.samples, ...(part[at]?.samples ?? [])]
    }))
  }
  return whole
}

/**
 * Finds out whether there is a native histogram where the classic one has no series.
 *
 * @throws {SourceDown} if there is one
 */
export async function refuseNative(
  connection: PrometheusConnection,
  reads: readonly CounterRead[],
  atMs: number
): Promise<void> {
  const latencies = reads.filter(({ counter }) => counter === 'latency')
  if (latencies.some(({ samples }) => samples.length > 0)) return
  for (const { query } of latencies) {
    const base = query.replace(/_bucket(?=["{]|$)/, '')
    if (base === query) continue
    try {
      await ask(connection, { query: base, atMs }, { type: 'vector', isCount: false })
    } catch (error) {
      // What else is wrong with a series that nobody selected does not matter.
      if (!(error instanceof UnusableSamples)) throw error
    }
  }
}

/** Reads all counters. Each sample gets the start time of its process, if the same scrape has it. */
async function readAll(
  queries: readonly CounterQuery[],
  read: (query: string, isCount: boolean) => Promise<readonly Sample[]>
): Promise<readonly CounterRead[]> {
  const startQueries = [...new Set(queries.map(({ starts }) => starts))]
  const [samples, starts] = await Promise.all([
    Promise.all(queries.map(({ query }) => read(query, true))),
    Promise.all(startQueries.map(query => read(query, false)))
  ])
  const scrapeOf = ({ target, timeMs }: Sample) => `${target} ${timeMs}`
  const started = new Map(starts.flat().map(sample => [scrapeOf(sample), sample.value]))
  return queries.map((query, at) => ({
    ...query,
    samples: (samples[at] ?? []).map(sample => {
      const start = started.get(scrapeOf(sample))
      return start === undefined ? sample : { ...sample, start }
    })
  }))
}

async function ask(
  { url, headers, exchange, signal }: PrometheusConnection,
  { query, atMs }: { readonly query: string; readonly atMs: number },
  form: SampleForm
): Promise<readonly Sample[]> {
  const target = new URL(`${url.href.replace(/\/$/, '')}/api/v1/query`)
  target.searchParams.set('query', query)
  target.searchParams.set('time', (atMs / 1_000).toFixed(3))
  const { status, text } = await exchange({ url: target, headers, limitBytes, signal })
  const read = readSamples(text, form)
  if ('unusable' in read) {
    const code = status === 200 ? '' : ` with ${status}`
    const message = `Prometheus at ${url.host}${code}: ${read.unusable}`
    const isOfWindow = status === 200 && read.isLasting !== true
    throw isOfWindow ? new UnusableSamples(message, read.unusable) : new SourceDown(message)
  }
  if (status !== 200) throw new SourceDown(`Prometheus at ${url.host} responded with ${status}`)
  return read.samples
}
