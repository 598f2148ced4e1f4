import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../../analysis/replay/seeded-random.ts'
import { KserveLogger } from './kserve-logger.ts'
import type { KserveVariant } from './kserve-logger.ts'
import type { Prediction } from './prediction.ts'

/** How a variant behaves. */
export interface Behaviour {
  /** Predictions a second. */
  readonly rate: number
  /** Share of positive predictions that are wrong. */
  readonly badRatio: number
  readonly latencyMs: number
  /** Users who stay in this arm: every second one gets all wrong predictions. Events name them as clusters. */
  readonly users?: number
  /** Share of requests that KServe's logger sees no response of. */
  readonly lost?: number
}

/** The traffic of one rollout; a variant without a behaviour gets none. */
export interface Load {
  readonly primary?: Behaviour
  readonly canary?: Behaviour
  /** Sends predictions as KServe's logger does, instead of events of our own types. */
  readonly kserve?: KserveVariant
}

const everyMs = 500
/** Labels are known this long after their predictions. */
const labelDelayMs = 500

type Event = Readonly<Record<string, unknown>>

/**
 * Posts what the servers of every rollout would: predictions at once, their labels half a second later, which
 * are events of our own type everywhere, for KServe has none. Which predictions are wrong is decided by a
 * seeded generator.
 */
export class Traffic {
  readonly #url: string
  readonly #random: () => number
  readonly #loads = new Map<string, Load>()
  #late: { readonly dueMs: number; readonly events: readonly Event[] }[] = []
  /** Batches that the service did not take yet; they are sent again, as an agent does. */
  #unsent: Event[][] = []
  #next = 0
  #isStopped = false
  readonly #looping: Promise<void>
  readonly #refused: string[] = []
  readonly #kserve: KserveLogger
  readonly #sent = new Map<string, number>()

  constructor(url: string, seed: number) {
    this.#url = url
    this.#random = seededRandom(seed)
    this.#kserve = new KserveLogger(url, this.#random)
    this.#looping = this.#loop()
  }

  /** Takes effect at once. @param rollout `namespace/name` */
  set(rollout: string, load: Load): void {
    this.#loads.set(rollout, load)
  }

  /** The number of predictions sent for the canary of a rollout. */
  sent(rollout: string): number {
    return this.#sent.get(rollout) ?? 0
  }

  /** The service's answers to refused events. */
  get refused(): readonly string[] {
    return [...this.#refused, ...this.#kserve.refused]
  }

  /** How many events KServe's logger was rid of. */
  get sentByKserve(): number {
    return this.#kserve.sent
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#looping
    await this.#kserve.stop()
  }

  async #loop(): Promise<void> {
    let lastMs = Date.now()
    while (!this.#isStopped) {
      await sleep(everyMs)
      const nowMs = Date.now()
      const batch = [...this.#loads].flatMap(([rollout, load]) =>
        (['primary', 'canary'] as const).flatMap(variant => {
          const behaviour = load[variant]
          if (behaviour === undefined) return []
          const made = this.#predict({ rollout, variant }, behaviour, [lastMs, nowMs])
          if (load.kserve === undefined) return made.map(predictionEvent)
          for (const prediction of made) {
            const isLost = this.#random() < (behaviour.lost ?? 0)
            this.#kserve.log(prediction, load.kserve, isLost)
          }
          return []
        })
      )
      const due = this.#late.filter(({ dueMs }) => dueMs <= nowMs)
      this.#late = this.#late.filter(({ dueMs }) => dueMs > nowMs)
      await this.#send([...batch, ...due.flatMap(({ events }) => events)])
      lastMs = nowMs
    }
  }

  #predict(
    about: Pick<Prediction, 'rollout' | 'variant'>,
    { rate, badRatio, latencyMs, users }: Behaviour,
    [fromMs, toMs]: readonly [number, number]
  ): Prediction[] {
    const count = Math.round((rate * (toMs - fromMs)) / 1_000)
    const time = new Date(toMs).toISOString()
    const labels: Event[] = []
    const predictions = Array.from({ length: count }, () => {
      this.#next += 1
      const id = `${about.rollout}-${this.#next}`
      const user = users === undefined ? undefined : Math.floor(this.#random() * users)
      const share = user === undefined ? badRatio : user % 2 === 0 ? 2 * badRatio : 0
      const isBad = this.#random() < share
      const jitter = 0.8 + 0.4 * this.#random()
      const { rollout } = about
      labels.push(event('feedback', id, time, { rollout, id, label: isBad ? 0 : 1 }))
      const cluster = user === undefined ? {} : { cluster: `${about.variant}-${user}` }
      return { ...about, id, predicted: 1, timeMs: toMs, latencyMs: latencyMs * jitter, ...cluster }
    })
    if (about.variant === 'canary') {
      this.#sent.set(about.rollout, this.sent(about.rollout) + count)
    }
    this.#late.push({ dueMs: toMs + labelDelayMs, events: labels })
    return predictions
  }

  async #send(events: Event[]): Promise<void> {
    if (events.length > 0) this.#unsent.push(events)
    while (this.#unsent.length > 0) {
      const [batch = []] = this.#unsent
      if (!(await this.#post(batch))) return
      this.#unsent.shift()
    }
  }

  async #post(batch: readonly Event[]): Promise<boolean> {
    try {
      const response = await fetch(`${this.#url}/v1/events`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/cloudevents-batch+json' },
        body: JSON.stringify(batch)
      })
      const text = await response.text()
      if (response.status === 200) return true
      if (response.status !== 400) return false
      this.#refused.push(text)
      return true
    } catch {
      return false
    }
  }
}

function predictionEvent({ timeMs, ...seen }: Prediction): Event {
  return event('prediction', seen.id, new Date(timeMs).toISOString(), seen)
}

function event(kind: string, id: string, time: string, data: Event): Event {
  const type = `io.mlgitops.${kind}`
  return { specversion: '1.0', id: `${kind}-${id}`, source: '/e2e', type, time, data }
}
