import { createServer } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { BenchTop, startMs } from './bench-top.ts'

/** Labels of a series. */
export type Labels = Readonly<Record<string, string>>

/** A Prometheus API that answers instant queries as the real one does (test/analysis/captures). */
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
    const timeMs = Number(url.searchParams.get('time')) * 1_000
    const result = this.series.flatMap(({ metric, at }) => {
      const value = at(timeMs)
      return matches(metric, query) && value !== undefined
        ? [{ metric, value: [timeMs / 1_000, value] }]
        : []
    })
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
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

/** A counter of one pod: so many at each minute since the start. */
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
