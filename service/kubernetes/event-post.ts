import { errorFields } from '../log.ts'
import type { LogFields, Logger } from '../log.ts'
import { Slots } from '../slots.ts'
import { pauseMs } from './clock.ts'
import type { Clock } from './clock.ts'

/** Where events are posted. */
export interface EventPostOptions {
  /** An address that takes events of Flux (fluxcd/pkg apis/event/v1beta1). */
  readonly address: string
  readonly clock: Clock
  readonly logger: Logger
}

const postMs = 5_000
/** For this time notification-controller drops duplicates (its --rate-limit-interval). */
const tryForMs = 5 * 60_000
const mostWaiting = 1_000
const postsAtOnce = 4

type Answer =
  | { readonly kind: 'done' }
  /** A later attempt may succeed. */
  | { readonly kind: 'later'; readonly why: LogFields }
  | { readonly kind: 'refused'; readonly why: LogFields }

/**
 * Posts events to notification-controller. An event that it cannot take now is retried for five minutes: it
 * may be starting, or moving to another node. The events of one object arrive in the order in which they
 * happened: a failure that arrives after its fix would be the last word.
 */
export class EventPost {
  readonly #options: EventPostOptions
  readonly #slots = new Slots(postsAtOnce)
  /** The last event of each object. */
  readonly #last = new Map<string, Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #ended = new AbortController()
  #waiting = 0

  constructor(options: EventPostOptions) {
    this.#options = options
  }

  /** Posts in the background; a failure is logged. @param key names the object */
  send(key: string, body: string): void {
    if (this.#waiting >= mostWaiting) {
      this.#warn({ reason: `${mostWaiting} events are waiting already` })
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

  /** Tries each waiting event once more, for as long as one post may take. */
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
      // 429 says that it is a duplicate.
      if (ok || status === 429) return { kind: 'done' }
      return { kind: status >= 500 ? 'later' : 'refused', why: { status } }
    } catch (error) {
      // The error of fetch says only that it failed; its cause says why.
      return { kind: 'later', why: errorFields((error as Error).cause ?? error) }
    }
  }

  #warn(why: LogFields): void {
    this.#options.logger.warn('cannot post the event', why)
  }
}
