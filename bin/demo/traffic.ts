import { setTimeout as sleep } from 'node:timers/promises'
import { foursAndNines, trainingDigits, uniforms } from './digits/digits.ts'
import type { Digit } from './digits/digits.ts'

/** Where requests and the events about them are sent. */
export interface TrafficOptions {
  /** `namespace/name` of the Canary. */
  readonly rollout: string
  /** Addresses of the models' V2 endpoints. */
  readonly primary: string
  readonly canary: string
  readonly analysis: string
  readonly requestsPerSecond: number
  readonly seed: number
}

const paceMs = 20
/** A model that is slower than its rate of requests gets fewer of them. */
const maxInFlight = 2

/**
 * Asks two models about digits that they were not made from, the canary in the share of requests that its
 * weight gives, and sends the analysis an event of each: the prediction, its latency, and the true digit.
 * The latency is the processor time that the model reports, so that a busy machine makes no model slower.
 */
export class Traffic {
  /** Percent of the requests that the canary gets. */
  weight = 0
  readonly #options: TrafficOptions
  readonly #digits: readonly Digit[]
  readonly #uniform: () => number
  readonly #inFlight = { primary: 0, canary: 0 }
  #events: object[] = []
  #isOver = false
  #sent = 0
  /** Resolves after {@link stop}, when the last request is answered and its event is sent. */
  readonly done: Promise<void>

  constructor(options: TrafficOptions) {
    this.#options = options
    this.#digits = foursAndNines().slice(trainingDigits)
    this.#uniform = uniforms(options.seed)
    this.done = this.#run()
    this.done.catch(() => undefined)
  }

  /** @throws {Error} when the analysis refused an event */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.done
  }

  async #run(): Promise<void> {
    const startedMs = performance.now()
    for (let asked = 0; !this.#isOver;) {
      const due = ((performance.now() - startedMs) / 1_000) * this.#options.requestsPerSecond
      for (; asked < due; asked += 1) this.#ask()
      await sleep(paceMs)
      await this.#send()
    }
    while (this.#inFlight.canary + this.#inFlight.primary > 0) await sleep(paceMs)
    await this.#send()
  }

  #ask(): void {
    const variant = this.#uniform() * 100 < this.weight ? 'canary' : 'primary'
    const digit = this.#digits[Math.floor(this.#uniform() * this.#digits.length)]
    if (digit === undefined || this.#inFlight[variant] >= maxInFlight) return
    this.#inFlight[variant] += 1
    void this.#infer(variant, digit).finally(() => {
      this.#inFlight[variant] -= 1
    })
  }

  async #infer(variant: 'primary' | 'canary', { pixels, label }: Digit): Promise<void> {
    const id = `request-${(this.#sent += 1)}`
    const inputs = [{ name: 'pixels', shape: [1, pixels.length], datatype: 'FP32', data: pixels }]
    const time = new Date().toISOString()
    const outcome = await answerOf(this.#options[variant], JSON.stringify({ id, inputs }))
    this.#events.push({
      specversion: '1.0',
      type: 'io.mlgitops.prediction',
      source: '/demo',
      id,
      time,
      data: { rollout: this.#options.rollout, variant, id, label, ...outcome }
    })
  }

  async #send(): Promise<void> {
    if (this.#events.length === 0) return
    const body = JSON.stringify(this.#events)
    this.#events = []
    const headers = { 'Content-Type': 'application/cloudevents-batch+json' }
    const url = `${this.#options.analysis}/v1/events`
    const { ok, status } = await fetch(url, { method: 'POST', headers, body })
    if (!ok) throw new Error(`the analysis answered events with ${status}`)
  }
}

interface InferAnswer {
  readonly outputs?: readonly { readonly data: readonly number[] }[]
  readonly parameters?: { readonly processor_ms?: number }
}

interface Prediction {
  readonly predicted: number
  readonly latencyMs: number
}

async function answerOf(url: string, body: string): Promise<Prediction | { readonly error: true }> {
  try {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body })
    const { outputs, parameters } = (await response.json()) as InferAnswer
    const predicted = outputs?.[0]?.data[0]
    const latencyMs = parameters?.processor_ms
    return response.ok && predicted !== undefined && latencyMs !== undefined
      ? { predicted, latencyMs }
      : { error: true }
  } catch {
    return { error: true }
  }
}
