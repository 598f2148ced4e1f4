import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Counters that a test moves, served as Prometheus' text format. */
export class Exporter {
  /** By series, as in the exposition text: `http_requests_total{pod="churn-1-a"}`. */
  readonly counters = new Map<string, number>()
  readonly #server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end([...this.counters].map(([series, value]) => `${series} ${value}\n`).join(''))
  })

  /** `HOST:PORT`. */
  async listen(): Promise<string> {
    await new Promise<void>(resolve => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  add(series: string, count: number): void {
    this.counters.set(series, (this.counters.get(series) ?? 0) + count)
  }

  /** Adds to every bucket of a histogram that latencies fall into, as an exporter does. */
  observe(
    name: string,
    labels: string,
    edges: readonly string[],
    latencies: readonly number[]
  ): void {
    for (const edge of [...edges, '+Inf']) {
      const within = latencies.filter(latency => edge === '+Inf' || latency <= Number(edge)).length
      this.add(`${name}_bucket{${labels},le="${edge}"}`, within)
    }
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
