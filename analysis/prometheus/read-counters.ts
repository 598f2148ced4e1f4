import { variants } from '../counter/outcome.ts'
import type { Variant } from '../counter/outcome.ts'
import type { PrometheusCounter, PrometheusSettings } from '../notation/prometheus-settings.ts'
import { writeSelector } from '../notation/selector.ts'
import type { SelectorNames } from '../notation/selector.ts'
import { SourceDown } from '../source/exchange.ts'
import type { Exchange } from '../source/exchange.ts'
import { readVector } from './vector.ts'
import type { Sample } from './vector.ts'

/** One counter of one arm, and what selects it. */
export interface CounterQuery {
  readonly counter: PrometheusCounter
  readonly variant: Variant
  readonly query: string
}

/** A query's samples at one time. */
export interface CounterRead extends CounterQuery {
  readonly samples: readonly Sample[]
}

/** Where and with what Prometheus is asked. */
export interface PrometheusConnection {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly exchange: Exchange
  readonly signal: AbortSignal
}

const limitBytes = 16 * 1024 * 1024

/** Every query that the settings ask for; none of the primary where nothing selects it. */
export function queriesOf(
  { selectors, canary, primary }: PrometheusSettings,
  names: SelectorNames
): readonly CounterQuery[] {
  return [...selectors].flatMap(([counter, selector]) =>
    variants.flatMap(variant => {
      const arm = variant === 'canary' ? canary : primary
      if (arm === undefined) return []
      return [{ counter, variant, query: writeSelector(selector, arm, names) }]
    })
  )
}

/**
 * Reads counters as they were at a time: raw values of instant queries.
 *
 * @throws {SourceDown} for a Prometheus that cannot be asked or whose answer cannot be used
 */
export async function readCounters(
  connection: PrometheusConnection,
  queries: readonly CounterQuery[],
  atMs: number
): Promise<readonly CounterRead[]> {
  return await Promise.all(
    queries.map(async query => ({
      ...query,
      samples: await instantQuery(connection, query.query, atMs)
    }))
  )
}

async function instantQuery(
  { url, headers, exchange, signal }: PrometheusConnection,
  query: string,
  atMs: number
): Promise<readonly Sample[]> {
  const asked = new URL(`${url.href.replace(/\/$/, '')}/api/v1/query`)
  asked.searchParams.set('query', query)
  asked.searchParams.set('time', (atMs / 1_000).toFixed(3))
  const { status, text } = await exchange({ url: asked, headers, limitBytes, signal })
  const read = readVector(text)
  if ('unusable' in read) {
    const code = status === 200 ? '' : ` with ${status}`
    throw new SourceDown(`Prometheus at ${url.host}${code}: ${read.unusable}`)
  }
  if (status !== 200) throw new SourceDown(`Prometheus at ${url.host} answers ${status}`)
  return read.samples
}
