import type { JsonObject } from '../../common/json.ts'
import { FailureLog } from '../failure-log.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import type { ApiClient } from './api-client.ts'
import { isApiFault } from './api-fault.ts'
import { objectKey } from './api-object.ts'
import type { ApiObject } from './api-object.ts'
import { pauseMs } from './clock.ts'
import type { Clock } from './clock.ts'
import type { Resource } from './resource.ts'

/** What a writer works with. */
export interface StatusWriterOptions {
  readonly client: ApiClient
  readonly resource: Resource
  /** Owns the fields of the status that are written; every replica uses the same. */
  readonly fieldManager: string
  /** The object as it is known now: an informer's `get`. */
  readonly current: (namespace: string, name: string) => ApiObject | undefined
  readonly clock: Clock
  readonly logger: Logger
}

/** The status to write on an object as it is; undefined where it says that already. */
export type WantedStatus = (current: ApiObject) => JsonObject | undefined

/** Replicas wait for a part of this before they write, and mostly one has written it for all. */
const spreadMs = 3_000
/** What is wanted at the same time is gathered first. */
const leastPauseMs = 100
/** An object is written at most so often: replicas of two versions may not agree. */
const leastMs = 30_000

interface Wish {
  readonly object: ApiObject
  readonly status: WantedStatus
}

/**
 * Writes the status of objects by server-side apply, only where it changes, and of each object at most
 * twice a minute. What cannot be written is tried again; it keeps nobody waiting.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions
  readonly #wishes = new Map<string, Wish>()
  readonly #writtenAtMs = new Map<string, number>()
  readonly #end = new AbortController()
  #work: Promise<void> | undefined
  readonly #failures = new FailureLog()

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  /** From now on the object's status should be this; it replaces what was wanted before. */
  want(object: ApiObject, status: WantedStatus): void {
    if (this.#end.signal.aborted) return
    this.#wishes.set(objectKey(object), { object, status })
    this.#work ??= this.#loop().finally(() => (this.#work = undefined))
  }

  /** Leaves what is not written yet. */
  async stop(): Promise<void> {
    this.#end.abort()
    this.#wishes.clear()
    await this.#work
  }

  async #loop(): Promise<void> {
    const { clock } = this.#options
    for (let failures = 0; this.#wishes.size > 0;) {
      const pause =
        failures === 0
          ? Math.max(spreadMs * clock.random(), Math.min(spreadMs, this.#untilFirstMs()))
          : pauseMs(failures, clock.random)
      await clock.sleep(Math.max(leastPauseMs, pause), this.#end.signal)
      const isFine = await this.#writeDue()
      failures = isFine ? 0 : failures + 1
    }
  }

  /** How long until one of the wishes may be written. */
  #untilFirstMs(): number {
    return Math.min(...[...this.#wishes.keys()].map(key => this.#untilMs(key)))
  }

  #untilMs(key: string): number {
    const written = this.#writtenAtMs.get(key)
    return written === undefined ? 0 : written + leastMs - this.#options.clock.nowMs()
  }

  async #writeDue(): Promise<boolean> {
    for (const [key, wish] of [...this.#wishes]) {
      if (this.#end.signal.aborted || this.#untilMs(key) > 0) continue
      try {
        await this.#write(key, wish)
        if (this.#wishes.get(key) === wish) this.#wishes.delete(key)
      } catch (error) {
        // It is gone: there is nothing to say about it.
        if (isApiFault(error, 'KUBERNETES_NOT_FOUND')) this.#wishes.delete(key)
        else {
          this.#failed(error)
          return false
        }
      }
    }
    return true
  }

  async #write(key: string, { object, status }: Wish): Promise<void> {
    const { client, resource, fieldManager, current, clock } = this.#options
    const now = current(object.namespace, object.name)
    if (now?.uid !== object.uid) {
      this.#writtenAtMs.delete(key)
      return
    }
    const wanted = status(now)
    if (wanted === undefined) return
    const { name } = object
    const namespace = object.namespace === '' ? undefined : object.namespace
    const metadata = { name, ...(namespace !== undefined && { namespace }) }
    await client.apply(
      resource,
      { namespace, name, subresource: 'status' },
      { metadata, status: wanted },
      { fieldManager, isForced: true }
    )
    this.#writtenAtMs.set(key, clock.nowMs())
  }

  #failed(error: unknown): void {
    this.#failures.failed(errorFields(error), fields => {
      this.#options.logger.warn('a status cannot be written', fields)
    })
  }
}
