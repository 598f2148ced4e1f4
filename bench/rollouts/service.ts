import { Agent, request } from 'node:http'
import { Registry } from 'prom-client'
import { ownRollout } from '../../analysis/event/rollout-of.ts'
import { noGuards } from '../../analysis/routes.ts'
import { serveAnalysis } from '../../analysis/serve.ts'
import type { RunningAnalysis } from '../../analysis/serve.ts'
import { noSources } from '../../analysis/source/source-rules.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import { createLogger } from '../../service/log.ts'

/** The analysis in this process, called over HTTP, with a simulated clock. */
export class SimulatedService {
  /** 2026-11-24T12:00:00Z. */
  nowMs = Date.UTC(2026, 10, 24, 12)
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  #running: RunningAnalysis | undefined

  async start(): Promise<this> {
    this.#running = await serveAnalysis({
      listen: { host: '127.0.0.1', port: 0 },
      metricsListen: undefined,
      store: openSqliteStore(':memory:'),
      objectives: undefined,
      namespaces: undefined,
      sources: noSources,
      guards: noGuards,
      rolloutOf: ownRollout,
      retentionMs: 7 * 86_400_000,
      registry: new Registry(),
      logger: createLogger({
        level: 'error',
        write: line => process.stderr.write(line),
        now: () => Date.now()
      }),
      nowMs: () => this.nowMs
    })
    return this
  }

  get url(): string {
    return this.#running?.server.url ?? ''
  }

  /** The status and text of an answer. */
  async post(
    path: string,
    contentType: string,
    body: string
  ): Promise<{ readonly status: number; readonly text: string }> {
    return await new Promise((resolve, reject) => {
      const headers = { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }
      const options = { method: 'POST', agent: this.#agent, headers }
      const sent = request(`${this.url}${path}`, options, answer => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, text })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  /** @throws {Error} if an event is refused */
  async send(events: readonly object[]): Promise<void> {
    if (events.length === 0) return
    const type = 'application/cloudevents-batch+json'
    const { status, text } = await this.post('/v1/events', type, JSON.stringify(events))
    if (status !== 200) throw new Error(`events were refused: ${text.slice(0, 200)}`)
  }

  async stop(): Promise<void> {
    this.#agent.destroy()
    await this.#running?.server.close(1_000)
    await this.#running?.stop()
  }
}
