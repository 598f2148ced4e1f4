import { Registry } from 'prom-client'
import { ownRollout } from '../../analysis/event/rollout-of.ts'
import { noGuards } from '../../analysis/routes.ts'
import { serveAnalysis } from '../../analysis/serve.ts'
import type { AnalysisServiceOptions } from '../../analysis/serve.ts'
import { noSources } from '../../analysis/source/source-rules.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import { createLogger } from '../../service/log.ts'
import { startMs } from './bench-top.ts'
import { post } from './analysis-requests.ts'
import type { Json, Reply } from './analysis-requests.ts'

/** The service in this process, on a free port, with a clock that a test moves. */
export class InProcess {
  nowMs = startMs
  #analysis: Awaited<ReturnType<typeof serveAnalysis>> | undefined
  #sent = 0

  async start(options: Partial<AnalysisServiceOptions> = {}): Promise<this> {
    this.#analysis = await serveAnalysis({
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
      logger: createLogger({ level: 'error', write: () => undefined, now: () => 0 }),
      nowMs: () => this.nowMs,
      ...options
    })
    return this
  }

  get url(): string {
    return this.#analysis?.server.url ?? ''
  }

  /** Calls a hook of ml/churn, or of what `call` says. */
  async hook(type: string, metadata: Json = {}, call: Json = {}): Promise<Reply> {
    const body = { name: 'churn', namespace: 'ml', phase: 'Progressing', checksum: 'c1', ...call }
    const headers = { 'content-type': 'application/json' }
    return await post(`${this.url}/webhook/${type}`, JSON.stringify({ ...body, metadata }), headers)
  }

  /** Predictions of the positive class now, `bad` of which are wrong. */
  async send(
    variant: 'canary' | 'primary',
    { events, bad = 0, latencyMs = 50, rollout = 'ml/churn' }: Sent
  ): Promise<Reply> {
    const time = new Date(this.nowMs).toISOString()
    const batch = Array.from({ length: events }, (_, index) => {
      const id = `p${(this.#sent += 1)}`
      const label = index < bad ? 0 : 1
      const data = { rollout, variant, id, predicted: 1, label, latencyMs }
      return { specversion: '1.0', id, source: '/t', type: 'io.mlgitops.prediction', time, data }
    })
    const headers = { 'content-type': 'application/cloudevents-batch+json' }
    return await post(`${this.url}/v1/events`, JSON.stringify(batch), headers)
  }

  async stop(): Promise<void> {
    await this.#analysis?.server.close(1_000)
    await this.#analysis?.stop()
  }
}

interface Sent {
  readonly events: number
  readonly bad?: number
  readonly latencyMs?: number
  readonly rollout?: string
}
