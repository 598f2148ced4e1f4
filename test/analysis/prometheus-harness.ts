import { createServer } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { BenchTop, startMs } from './bench-top.ts'

/** Labels of a series. */
export type Labels = Readonly<Record<string, string>>

/**
 * A Prometheus API that answers instant queries, and the samples of a range, as the real one does
 * (test/analysis/captures). It scraped at each minute.
 */
export class PrometheusHarness {
  /** By `__name__` and the variant's pod; value at a time. */
  series: readonly {
    readonly metric: Labels
    readonly at: (timeMs: number) => string | undefined
  }[] = []
  /** In place of an answer. */
  misbehave: ((response: ServerResponse) => void) | undefined
  readonly asked: string[] = []
  readonly headers: (string | undefined)[] = []
  readonly #server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    const query = url.searchParams.get('query') ?? ''
    this.asked.push(`${url.searchParams.get('time') ?? ''} ${query}`)
    this.headers.push(request.headers.authorization)
    if (this.misbehave !== undefined) {
      this.misbehave(response)
      return
    }
    const timeMs = Math.round(Number(url.searchParams.get('time')) * 1_000)
    const range = /\[(\d+)ms\]$/.exec(query)?.[1]
    const result = this.series.flatMap(({ metric, at }): object[] => {
      if (!matches(metric, query)) return []
      const valueAt = (ms: number) => {
        const value = at(ms)
        return value === undefined ? [] : [[ms / 1_000, value]]
      }
      const values = scrapesOf(timeMs, Number(range ?? 0)).flatMap(valueAt)
      if (range === undefined) return valueAt(timeMs).map(value => ({ metric, value }))
      return values.length === 0 ? [] : [{ metric, values }]
    })
    const resultType = range === undefined ? 'vector' : 'matrix'
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ status: 'success', data: { resultType, result } }))
  })

  async listen(): Promise<string> {
    await new Promise<void>(resolve => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** Both ends of a range are in it. */
function scrapesOf(untilMs: number, rangeMs: number): readonly number[] {
  const first = Math.ceil((untilMs - rangeMs) / 60_000)
  const last = Math.floor(untilMs / 60_000)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * 60_000)
}

function matches(metric: Labels, query: string): boolean {
  return [...query.matchAll(/(\w+)(=~|=)"((?:[^"\\]|\\.)*)"/g)].every(
    ([, label = '', op, value = '']) =>
      op === '=' ? metric[label] === value : new RegExp(`^(?:${value})$`).test(metric[label] ?? '')
  )
}

/** Pods of Flagger's two Deployments. */
export const pods = { canary: 'churn-5d4f-x2x', primary: 'churn-primary-77aa-qqq' }
const minutes = (timeMs: number) => Math.floor((timeMs - startMs) / 60_000)

/** A harness, and an analyst that may ask it. */
export async function start(t: Test, token?: string) {
  const prometheus = new PrometheusHarness()
  const url = await prometheus.listen()
  const bench = new BenchTop({
    sources: {
      allowed: [],
      isLocal: true,
      prometheus: url,
      tokens: token === undefined ? [] : [{ address: url, read: () => token }],
      files: { folder: undefined, isLocal: true }
    }
  })
  t.teardown(() => {
    prometheus.close()
  })
  return { prometheus, url, bench }
}

/** A counter of one pod: its value at each minute since the start. */
export function counter(
  name: string,
  pod: string,
  counts: readonly (string | number | undefined)[],
  more: Labels = {}
) {
  const metric = { __name__: name, namespace: 'ml', pod, ...more }
  const at = (timeMs: number) => {
    const value = counts[Math.max(0, minutes(timeMs))]
    return value === undefined ? undefined : String(value)
  }
  return { metric, at }
}

/** Objectives of most tests. */
export const errorRate = {
  source: 'prometheus',
  'prometheus.requests': 'requests_total',
  'prometheus.errors': 'requests_total{code="500"}',
  'error-rate.max': '0.05'
}

/** A hook at a minute after the start, plus the delay until its blocks can be read. */
export async function after(bench: BenchTop, minute: number, metadata: Labels): Promise<string> {
  bench.nowMs = startMs + minute * 60_000 + 15_000
  return await bench.hook('rollout', metadata)
}
