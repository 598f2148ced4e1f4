import { errorFields } from '../log.ts'
import type { LogFields, Logger } from '../log.ts'
import { Slots } from '../slots.ts'
import { pauseMs } from './clock.ts'
import type { Clock } from './clock.ts'

/** Where messages go, and by whose time. */
export interface EventPostOptions {
  /** An address that takes events of Flux (fluxcd/pkg apis/event/v1beta1). */
  readonly address: string
  readonly clock: Clock
  readonly logger: Logger
}

const postMs = 5_000
/** So long notification-controller knows what it was told already (its --rate-limit-interval). */
const tryForMs = 5 * 60_000
const mostWaiting = 1_000
const postsAtOnce = 4

type Answer =
  | { readonly kind: 'done' }
  /** It may be taken later. */
  | { readonly kind: 'later'; readonly why: LogFields }
  | { readonly kind: 'refused'; readonly why: LogFields }

/**
 * Posts events to notification-controller. What it cannot take now is tried again for five minutes: it may
 * be starting, or on its way to another node. Those of one object come in the order in which they
 * happened: a failure that came after its remedy would be the last word.
 */
export class EventPost {
  readonly #options: EventPostOptions
  readonly #slots = new Slots(postsAtOnce)
  /** The last of each object. */
  readonly #last = new Map<string, Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #ended = new AbortController()
  #waiting = 0

  constructor(options: EventPostOptions) {
    this.#options = options
  }

  /** In the background; what cannot be told is logged. @param key names the object */
  send(key: string, body: string): void {
    if (this.#waiting >= mostWaiting) {
      this.#warn({ reason: `${mostWaiting} wait to be told already` })
      return
    }
    this.#waiting += 1
    const atMs = this.#options.clock.nowMs()
    const sent = (this.#last.get(key) ?? Promise.resolve())
      .then(() => this.#deliver(body, atMs + tryForMs))
      .finally(() => {
        this.#waiting -= 1
        if (this.#last.get(key) === sent) this.#last.delete(key)
      })
    this.#last.set(key, sent)
  }

  /** Tries once more what waits, for as long as one post may take. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const end = setTimeout(() => {
      this.#ended.abort()
    }, postMs)
    await Promise.all(this.#last.values())
    clearTimeout(end)
  }

  async #deliver(body: string, untilMs: number): Promise<void> {
    const { clock } = this.#options
    for (let failures = 1; ; failures += 1) {
      const isLast = this.#stopping.signal.aborted
      const answer = await this.#slots.run(() => this.#post(body))
      if (answer.kind === 'done') return
      if (answer.kind === 'refused' || isLast || clock.nowMs() > untilMs) {
        this.#warn({ ...answer.why, attempts: failures })
        return
      }
      await clock.sleep(pauseMs(failures, clock.random), this.#stopping.signal)
    }
  }

  async #post(body: string): Promise<Answer> {
    const { address } = this.#options
    try {
      const response = await fetch(address, {
        method: 'POST',
        redirect: 'error',
        headers: { 'content-type': 'application/json' },
        signal: AbortSignal.any([this.#ended.signal, AbortSignal.timeout(postMs)]),
        body
      })
      await response.body?.cancel()
      const { ok, status } = response
      // 429 says that it was told already.
      if (ok || status === 429) return { kind: 'done' }
      return { kind: status >= 500 ? 'later' : 'refused', why: { status } }
    } catch (error) {
      // What fetch throws says only that it failed; the cause says why.
      return { kind: 'later', why: errorFields((error as Error).cause ?? error) }
    }
  }

  #warn(why: LogFields): void {
    this.#options.logger.warn('an event could not be told', why)
  }
}
