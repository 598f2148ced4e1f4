import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Prediction } from './prediction.ts'

/** How KServe's logger names a variant: by an annotation of the pods, or by the address it posts to. */
export type KserveVariant = 'annotation' | 'path'

interface Half {
  readonly route: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** As many as a pod's agent has. */
const workers = 5
const idleMs = 20

/**
 * Posts what KServe's agent does of each inference (kserve pkg/logger): the request and the response, as two
 * binary CloudEvents of the same id, one event a POST. They come in no order, bodies may be gzip without
 * saying so, and what was not taken is not sent again.
 */
export class KserveLogger {
  readonly #url: string
  readonly #random: () => number
  readonly #queue: Half[] = []
  readonly #working: readonly Promise<void>[]
  #isStopped = false
  /** Answers to refused events. */
  readonly refused: string[] = []
  sent = 0

  constructor(url: string, random: () => number) {
    this.#url = url
    this.#random = random
    this.#working = Array.from({ length: workers }, () => this.#work())
  }

  /** @param isLost whether the response is not 200: the agent then sends the request alone */
  log(prediction: Prediction, by: KserveVariant, isLost = false): void {
    if (isLost) {
      this.#queue.push(requestOf(prediction, by))
      return
    }
    const halves = [requestOf(prediction, by), responseOf(prediction, by, this.#random() < 0.2)]
    this.#queue.push(...(this.#random() < 0.2 ? halves.reverse() : halves))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#working)
  }

  async #work(): Promise<void> {
    while (!this.#isStopped) {
      const half = this.#queue.shift()
      if (half === undefined) await sleep(idleMs)
      else await this.#post(half)
    }
  }

  async #post({ route, headers, body }: Half): Promise<void> {
    try {
      const answer = await fetch(`${this.#url}${route}`, { method: 'POST', headers, body })
      const text = await answer.text()
      this.sent += 1
      if (answer.status === 400) this.refused.push(text)
    } catch {
      // The agent logs it, and it is lost.
    }
  }
}

function requestOf(prediction: Prediction, by: KserveVariant): Half {
  const { id, timeMs, latencyMs } = prediction
  const inputs = [{ name: 'input-0', shape: [1, 2], datatype: 'FP64', data: [0.1, 3.2] }]
  return half('request', prediction, {
    by,
    timeMs: timeMs - latencyMs,
    body: JSON.stringify({ id, inputs })
  })
}

function responseOf(prediction: Prediction, by: KserveVariant, isGzip: boolean): Half {
  const { id, timeMs, predicted } = prediction
  const outputs = [{ name: 'output-0', shape: [1], datatype: 'INT64', data: [predicted] }]
  const text = JSON.stringify({ model_name: 'model', model_version: null, id, outputs })
  return half('response', prediction, { by, timeMs, body: isGzip ? gzipSync(text) : text })
}

function half(
  kind: 'request' | 'response',
  { rollout, id, variant }: Prediction,
  sent: { readonly by: KserveVariant; readonly timeMs: number; readonly body: string | Buffer }
): Half {
  const [namespace = '', name = ''] = rollout.split('/')
  const annotations = JSON.stringify({ 'mlgitops.io/variant': variant })
  const headers = {
    'Ce-Specversion': '1.0',
    'Ce-Id': id,
    'Ce-Type': `org.kubeflow.serving.inference.${kind}`,
    // A pod has no name yet when the agent is put into it.
    'Ce-Source': 'http://localhost:9081/',
    'Ce-Time': nanoseconds(sent.timeMs),
    'Ce-Recordedtime': nanoseconds(Date.now()),
    'Ce-Inferenceservicename': name,
    'Ce-Namespace': namespace,
    'Ce-Component': 'predictor',
    'Ce-Endpoint': '',
    'Ce-Metadata': '{}',
    'Content-Type': 'application/json',
    Traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'
  }
  return sent.by === 'path'
    ? { route: `/v1/events/${variant}`, headers, body: sent.body }
    : {
        route: '/v1/events',
        headers: { ...headers, 'Ce-Annotations': annotations },
        body: sent.body
      }
}

/** As Go writes it. */
function nanoseconds(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '417902Z')
}
