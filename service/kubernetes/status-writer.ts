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

/** Which objects a writer writes to, and how. */
export interface StatusWriterOptions {
  readonly client: ApiClient
  readonly resource: Resource
  /** Owns the fields that are written; every replica uses the same. */
  readonly fieldManager: string
  /** The object as the cache has it now: an informer's `get`. */
  readonly current: (namespace: string, name: string) => ApiObject | undefined
  readonly clock: Clock
  readonly logger: Logger
}

/** The status to write on an object as it is; undefined if the object already has it. */
export type WantedStatus = (current: ApiObject) => JsonObject | undefined

/** Replicas wait for a part of this before they write, and mostly one has written for all. */
const spreadMs = 3_000
/** Statuses that are wanted at the same time are written in one round. */
const leastPauseMs = 100
/** The shortest time between two writes of an object: replicas of two versions may disagree. */
const leastMs = 30_000

interface PendingStatus {
  readonly object: ApiObject
  readonly status: WantedStatus
}

/**
 * Writes the status of objects by server-side apply, only if it changes, and of each object at most twice
 * a minute. A failed write is retried in the background.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions
  readonly #pending = new Map<string, PendingStatus>()
  readonly #writtenAtMs = new Map<string, number>()
  readonly #end = new AbortController()
  #work: Promise<void> | undefined
  readonly #failures = new FailureLog()

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  /** Sets the status that the object is to have; it replaces the one set before. */
  want(object: ApiObject, status: WantedStatus): void {
    if (this.#end.signal.aborted) return
    this.#pending.set(objectKey(object), { object, status })
    this.#work ??= this.#loop().finally(() => (this.#work = undefined))
  }

  /** Drops what is not written yet. */
  async stop(): Promise<void> {
    this.#end.abort()
    this.#pending.clear()
    await this.#work
  }

  async #loop(): Promise<void> {
    const { clock } = this.#options
    for (let failures = 0; this.#pending.size > 0;) {
      const pause =
        failures === 0
          ? Math.max(spreadMs * clock.random(), Math.min(spreadMs, this.#untilFirstMs()))
          : pauseMs(failures, clock.random)
      await clock.sleep(Math.max(leastPauseMs, pause), this.#end.signal)
      const isFine = await this.#writeDue()
      failures = isFine ? 0 : failures + 1
    }
  }

  /** How long until one of the pending statuses may be written. */
  #untilFirstMs(): number {
    return Math.min(...[...this.#pending.keys()].map(key => this.#untilMs(key)))
  }

  #untilMs(key: string): number {
    const written = this.#writtenAtMs.get(key)
    return written === undefined ? 0 : written + leastMs - this.#options.clock.nowMs()
  }

  async #writeDue(): Promise<boolean> {
    for (const [key, pending] of [...this.#pending]) {
      if (this.#end.signal.aborted || this.#untilMs(key) > 0) continue
      try {
        await this.#write(key, pending)
        if (this.#pending.get(key) === pending) this.#pending.delete(key)
      } catch (error) {
        // The object was deleted.
        if (isApiFault(error, 'KUBERNETES_NOT_FOUND')) this.#pending.delete(key)
        else {
          this.#failed(error)
          return false
        }
      }
    }
    return true
  }

  async #write(key: string, { object, status }: PendingStatus): Promise<void> {
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
      this.#options.logger.warn('cannot write a status', fields)
    })
  }
}
