import { FailureLog } from '../failure-log.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import { isApiFault, unreachable } from './api-fault.ts'
import type { ApiClient } from './api-client.ts'
import type { ApiObject } from './api-object.ts'
import { pauseMs } from './clock.ts'
import type { Clock } from './clock.ts'
import type { Selection } from './list-requests.ts'
import { ObjectStore } from './object-store.ts'
import type { ObjectChange } from './object-store.ts'
import { resourceName } from './resource.ts'
import type { Resource } from './resource.ts'
import { watch } from './watch.ts'
import type { WatchEvent } from './watch.ts'

/** The times of an informer, in milliseconds. */
export interface InformerTimes {
  /** The longest time between two lists: a watch can stall without an error. */
  readonly relistMs: number
  /** The server ends each watch after one to two times this. */
  readonly watchMs: number
  /** After this time without a byte a new watch is opened; the server sends bookmarks every minute. */
  readonly silenceMs: number
  /** After this time without an answer the cache is stale. */
  readonly staleMs: number
}

/** 10 minutes, 4 minutes, 90 seconds, 5 minutes. */
export const defaultInformerTimes: InformerTimes = {
  relistMs: 600_000,
  watchMs: 240_000,
  silenceMs: 90_000,
  staleMs: 300_000
}

/** What an informer watches, and how. */
export interface InformerOptions {
  readonly client: ApiClient
  readonly resource: Resource
  readonly selection?: Selection
  readonly times?: InformerTimes
  readonly clock: Clock
  readonly logger: Logger
}

/** Counts for metrics. */
export interface InformerCounts {
  readonly relists: number
  readonly failures: number
  /** Changes that a list found and the watch before it had missed. */
  readonly missedChanges: number
}

/** A million objects; a longer list is taken for one without an end. */
const maxPages = 2_000

/** Failures that say nothing about the resource and may pass. */
const passing = [
  'KUBERNETES_UNREACHABLE',
  'KUBERNETES_UNAUTHORIZED',
  'KUBERNETES_OVERLOADED'
] as const

type Listener = (changes: readonly ObjectChange[]) => void

/**
 * Keeps a cache of the objects of a selection current: by a list, a watch from its version, and further
 * watches from where the last one ended; by a new list if that version is gone (410) or the list is old.
 * A failure is retried until {@link stop}, with growing pauses; the objects stay meanwhile.
 */
export class Informer {
  readonly name: string
  readonly #options: InformerOptions
  readonly #times: InformerTimes
  readonly #store = new ObjectStore()
  readonly #listeners: Listener[] = []
  readonly #end = new AbortController()
  #run: Promise<void> | undefined
  /** Where the next watch starts; undefined: a list is needed. */
  #version: string | undefined
  #relistAtMs = 0
  #receivedAtMs: number | undefined
  #failure: string | undefined
  readonly #failures = new FailureLog()
  #isRefused = false
  #counts = { relists: 0, failures: 0, missedChanges: 0 }

  constructor(options: InformerOptions) {
    this.#options = options
    this.#times = options.times ?? defaultInformerTimes
    this.name = resourceName(options.resource)
  }

  /** The listener is called after changes are in the cache, and once for the whole first list. */
  subscribe(listener: Listener): void {
    this.#listeners.push(listener)
  }

  start(): void {
    this.#run ??= this.#loop(this.#end.signal)
  }

  /** Ends the running request; resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#end.abort()
    await this.#run
  }

  /** True once a whole list was read. */
  get isSynced(): boolean {
    return this.#counts.relists > 0
  }

  /** True once a list was read or the API server refused it. */
  get isAnswered(): boolean {
    return this.isSynced || this.#isRefused
  }

  get counts(): InformerCounts {
    return this.#counts
  }

  get size(): number {
    return this.#store.size
  }

  list(): readonly ApiObject[] {
    return this.#store.list()
  }

  get(namespace: string, name: string): ApiObject | undefined {
    return this.#store.get(namespace, name)
  }

  /** Time since the API server last sent something, in milliseconds; undefined: never. */
  get silentMs(): number | undefined {
    const { clock } = this.#options
    return this.#receivedAtMs === undefined ? undefined : clock.nowMs() - this.#receivedAtMs
  }

  /** Why the cache is not ready, or undefined if it is: a readiness check. */
  notReadyReason(): string | undefined {
    const because = this.#failure === undefined ? '' : `: ${this.#failure}`
    if (!this.isSynced) return `${this.name} have not been listed yet${because}`
    const { silentMs = 0 } = this
    if (silentMs <= this.#times.staleMs) return undefined
    const seconds = Math.round(silentMs / 1_000)
    return `cache of ${this.name} is stale, no answer from the API server for ${seconds} s${because}`
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    for (let failures = 0; !signal.aborted;) {
      try {
        if (this.#version === undefined || clock.nowMs() >= this.#relistAtMs) {
          await this.#relist(signal)
        }
        await this.#watch(signal, () => (failures = 0))
        this.#failure = undefined
      } catch (error) {
        if (isEnded(signal)) return
        this.#failed(error)
        failures += 1
        await clock.sleep(pauseMs(failures, clock.random), signal)
      }
    }
  }

  async #relist(signal: AbortSignal): Promise<void> {
    const { client, resource, selection = {}, clock } = this.#options
    const objects: ApiObject[] = []
    let next: string | undefined
    let version = ''
    let pages = 0
    do {
      if ((pages += 1) > maxPages) throw unreachable(`list ${this.name}`, 'the list has no end')
      const page = await client.list(resource, selection, next, signal)
      objects.push(...page.objects)
      ;({ next, resourceVersion: version } = page)
      this.#received()
    } while (next !== undefined)
    const isFirst = !this.isSynced
    const changes = this.#store.replace(objects)
    this.#version = version
    this.#relistAtMs = clock.nowMs() + this.#times.relistMs * (0.9 + clock.random() * 0.2)
    this.#counts.relists += 1
    this.#failure = undefined
    if (!isFirst) this.#counts.missedChanges += changes.length
    this.#notify(changes, isFirst)
  }

  /** Reads one watch to its end. `succeeded` is called once it brought an event or lasted. */
  async #watch(signal: AbortSignal, succeeded: () => void): Promise<void> {
    const { client, resource, selection = {}, clock } = this.#options
    const { watchMs, silenceMs } = this.#times
    const startedAtMs = clock.nowMs()
    const longestMs = Math.min(watchMs * (1 + clock.random()), this.#relistAtMs - startedAtMs)
    const events = watch(client, resource, selection, {
      resourceVersion: this.#version ?? '',
      timeoutSeconds: Math.max(1, Math.ceil(longestMs / 1_000)),
      silenceMs,
      signal,
      received: () => {
        this.#received()
      }
    })
    let isEmpty = true
    for await (const event of events) {
      isEmpty = false
      this.#failure = undefined
      succeeded()
      this.#take(event)
    }
    if (isEmpty && clock.nowMs() - startedAtMs < 1_000) {
      throw unreachable(`watch ${this.name}`, 'the watch ended at once')
    }
    succeeded()
  }

  #take(event: WatchEvent): void {
    switch (event.kind) {
      case 'bookmark':
        this.#version = event.resourceVersion
        return
      case 'put':
        this.#version = event.object.resourceVersion
        this.#notify(this.#store.put(event.object))
        return
      case 'deleted':
        this.#version = event.object.resourceVersion
        this.#notify(this.#store.remove(event.object))
    }
  }

  #failed(error: unknown): void {
    // That version is gone; a list brings a new one.
    if (isApiFault(error, 'KUBERNETES_GONE')) this.#version = undefined
    this.#isRefused ||= !passing.some(code => isApiFault(error, code))
    this.#counts.failures += 1
    const fields = errorFields(error)
    if (this.#failure === undefined) this.#failures.succeeded()
    this.#failures.failed({ resource: this.name, ...fields }, all => {
      this.#options.logger.warn('watch failed; retrying', all)
    })
    this.#failure = String(fields.reason ?? fields.error)
  }

  #received(): void {
    this.#receivedAtMs = this.#options.clock.nowMs()
  }

  #notify(changes: readonly ObjectChange[], isFirst = false): void {
    if (changes.length === 0 && !isFirst) return
    for (const listener of this.#listeners) {
      try {
        listener(changes)
      } catch (error) {
        // The other listeners get these changes, and the informer keeps running.
        const { logger } = this.#options
        logger.error('internal error in a listener', { resource: this.name, ...errorFields(error) })
      }
    }
  }
}

/** Reads the signal again: it may have changed during an await. */
function isEnded(signal: AbortSignal): boolean {
  return signal.aborted
}
