import { Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { RequestRecord } from '../http/observer.ts'

const name = 'mlgitops_http_request_duration_seconds'
const help =
  'Time from the headers of a request to its answer; code 499 where the client went away.'
/** From half a millisecond to the API server's longest timeout, in seconds. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

interface Series {
  readonly route: string
  readonly code: number
  /** Durations by the first bound that holds them; the last are above all. */
  readonly counts: number[]
  sumSeconds: number
}

/**
 * `mlgitops_http_request_duration_seconds{route,code}`. prom-client's own histogram makes a text of the
 * labels for each request; this one finds the series by them, and makes texts when it is read.
 */
export class RequestDurations extends Histogram<'route' | 'code'> {
  readonly #routes = new Map<string, Map<number, Series>>()

  constructor(registry: Registry) {
    super({ name, help, labelNames: ['route', 'code'], buckets: bounds, registers: [registry] })
  }

  /** Counts one request. */
  count({ route, status, durationMs }: RequestRecord): void {
    const series = this.#routes.get(route)?.get(status) ?? this.#begin(route, status)
    const seconds = durationMs / 1_000
    let at = 0
    while (at < bounds.length && seconds > (bounds[at] ?? Infinity)) at += 1
    series.counts[at] = (series.counts[at] ?? 0) + 1
    series.sumSeconds += seconds
  }

  #begin(route: string, code: number): Series {
    const codes = this.#routes.get(route) ?? new Map<number, Series>()
    this.#routes.set(route, codes)
    const series = { route, code, counts: Array<number>(bounds.length + 1).fill(0), sumSeconds: 0 }
    codes.set(code, series)
    return series
  }

  /** What a registry writes; prom-client's types do not say that it asks for this. */
  getForPromString(): Promise<object> {
    const all = [...this.#routes.values()].flatMap(codes => [...codes.values()])
    const values = all.flatMap(valuesOf)
    return Promise.resolve({ name, help, type: 'histogram', values, aggregator: 'sum' })
  }
}

function valuesOf({ route, code, counts, sumSeconds }: Series): readonly object[] {
  const sharedLabels = { route, code }
  let count = 0
  const buckets = counts.map((more, at) => {
    count += more
    const labels = { le: bounds[at] ?? '+Inf' }
    return { labels, sharedLabels, value: count, metricName: `${name}_bucket` }
  })
  const sum = { labels: {}, sharedLabels, value: sumSeconds, metricName: `${name}_sum` }
  return [...buckets, sum, { ...sum, value: count, metricName: `${name}_count` }]
}
