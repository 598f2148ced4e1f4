import { setTimeout as sleep } from 'node:timers/promises'

/** How a variant behaves. */
export interface Behaviour {
  /** Predictions a second. */
  readonly rate: number
  /** Share of positive predictions that are wrong. */
  readonly badRatio: number
  readonly latencyMs: number
}

/** What is sent for one rollout: nothing for a variant without a behaviour. */
export interface Load {
  readonly primary?: Behaviour
  readonly canary?: Behaviour
}

const everyMs = 500
/** Labels are known this long after their predictions. */
const labelDelayMs = 1_000

type Event = Readonly<Record<string, unknown>>

/**
 * Posts what the servers of every rollout would: predictions at once, their labels a second later. Which
 * predictions are wrong is decided by a seeded generator.
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
  readonly refused: string[] = []
  readonly #sent = new Map<string, number>()

  constructor(url: string, seed: number) {
    this.#url = url
    this.#random = mulberry32(seed)
    this.#looping = this.#loop()
  }

  /** From now on; `rollout` is `namespace/name`. */
  set(rollout: string, load: Load): void {
    this.#loads.set(rollout, load)
  }

  /** Predictions of the canary of a rollout that were made. */
  sent(rollout: string): number {
    return this.#sent.get(rollout) ?? 0
  }

  /** True when the service took everything that is due. */
  get isFlushed(): boolean {
    return this.#unsent.length === 0 && this.#late.length === 0
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#looping
  }

  async #loop(): Promise<void> {
    let lastMs = Date.now()
    while (!this.#isStopped) {
      await sleep(everyMs)
      const nowMs = Date.now()
      const batch = [...this.#loads].flatMap(([rollout, load]) =>
        (['primary', 'canary'] as const).flatMap(variant => {
          const behaviour = load[variant]
          return behaviour === undefined
            ? []
            : this.#predict({ rollout, variant }, behaviour, [lastMs, nowMs])
        })
      )
      const due = this.#late.filter(({ dueMs }) => dueMs <= nowMs)
      this.#late = this.#late.filter(({ dueMs }) => dueMs > nowMs)
      await this.#send([...batch, ...due.flatMap(({ events }) => events)])
      lastMs = nowMs
    }
  }

  #predict(
    about: { readonly rollout: string; readonly variant: string },
    { rate, badRatio, latencyMs }: Behaviour,
    [fromMs, toMs]: readonly [number, number]
  ): Event[] {
    const count = Math.round((rate * (toMs - fromMs)) / 1_000)
    const time = new Date(toMs).toISOString()
    const labels: Event[] = []
    const predictions = Array.from({ length: count }, () => {
      this.#next += 1
      const id = `${about.rollout}-${this.#next}`
      const isBad = this.#random() < badRatio
      const jitter = 0.8 + 0.4 * this.#random()
      const { rollout } = about
      labels.push(event('feedback', id, time, { rollout, id, label: isBad ? 0 : 1 }))
      const seen = { ...about, id, predicted: 1, latencyMs: latencyMs * jitter }
      return event('prediction', id, time, seen)
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
      this.refused.push(text)
      return true
    } catch {
      return false
    }
  }
}

function event(kind: string, id: string, time: string, data: Event): Event {
  const type = `io.mlgitops.${kind}`
  return { specversion: '1.0', id: `${kind}-${id}`, source: '/e2e', type, time, data }
}

/** A small generator of numbers in [0, 1), the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
