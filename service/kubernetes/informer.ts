import { FailureLog } from '../failure-log.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import { isApiFault, unreachable } from './api-fault.ts'
import type { ApiClient, Selection } from './api-client.ts'
import type { ApiObject } from './api-object.ts'
import { pauseMs } from './clock.ts'
import type { Clock } from './clock.ts'
import { ObjectStore } from './object-store.ts'
import type { ObjectChange } from './object-store.ts'
import { resourceName } from './resource.ts'
import type { Resource } from './resource.ts'
import { watch } from './watch.ts'
import type { WatchEvent } from './watch.ts'

/** How long an informer waits for what, in milliseconds. */
export interface InformerTimes {
  /** A whole list is read at least so often: watches have stalled silently before. */
  readonly relistMs: number
  /** The server ends each watch after a time from this to twice this. */
  readonly watchMs: number
  /** Without a byte for so long a watch is opened anew; the server's bookmarks come every minute. */
  readonly silenceMs: number
  /** Nothing heard for so long: what is known is not to be relied on. */
  readonly staleMs: number
}

/** 10 minutes, 4 minutes, 90 seconds, 5 minutes. */
export const defaultInformerTimes: InformerTimes = {
  relistMs: 600_000,
  watchMs: 240_000,
  silenceMs: 90_000,
  staleMs: 300_000
}

/** What an informer works with. */
export interface InformerOptions {
  readonly client: ApiClient
  readonly resource: Resource
  readonly selection?: Selection
  readonly times?: InformerTimes
  readonly clock: Clock
  readonly logger: Logger
}

/** What an informer has done, for metrics. */
export interface InformerCounts {
  readonly relists: number
  readonly failures: number
  /** Changes that a later list found and no watch had told. */
  readonly missedChanges: number
}

/** A million objects: a list that goes on and on is not one. */
const maxPages = 2_000

/** What may be otherwise a moment later: no answer to what was asked. */
const passing = [
  'KUBERNETES_UNREACHABLE',
  'KUBERNETES_UNAUTHORIZED',
  'KUBERNETES_OVERLOADED'
] as const

type Listener = (changes: readonly ObjectChange[]) => void

/**
 * Keeps the objects of a selection as the API server has them: a list, then a watch from its version,
 * and again from where it ended; a new list where that version is gone (410) or the last one is old.
 * What fails is tried again for ever, with growing pauses; the objects stay meanwhile.
 */
export class Informer {
  readonly name: string
  readonly #options: InformerOptions
  readonly #times: InformerTimes
  readonly #store = new ObjectStore()
  readonly #listeners: Listener[] = []
  readonly #end = new AbortController()
  #run: Promise<void> | undefined
  /** To watch from; undefined: a list is needed. */
  #version: string | undefined
  #relistAtMs = 0
  #heardAtMs: number | undefined
  #failure: string | undefined
  readonly #failures = new FailureLog()
  #isRefused = false
  #counts = { relists: 0, failures: 0, missedChanges: 0 }

  constructor(options: InformerOptions) {
    this.#options = options
    this.#times = options.times ?? defaultInformerTimes
    this.name = resourceName(options.resource)
  }

  /** Tells of changes after they are in the store; the first list is one call, however long. */
  subscribe(listener: Listener): void {
    this.#listeners.push(listener)
  }

  start(): void {
    this.#run ??= this.#loop(this.#end.signal)
  }

  /** Ends requests at work; resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#end.abort()
    await this.#run
  }

  /** True once a whole list was read. */
  get isSynced(): boolean {
    return this.#counts.relists > 0
  }

  /** True once it is known how things stand: a list was read, or the API server does not give one. */
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

  /** How long ago the API server was last heard, in milliseconds; undefined: never. */
  get silentMs(): number | undefined {
    return this.#heardAtMs === undefined ? undefined : this.#options.clock.nowMs() - this.#heardAtMs
  }

  /** Why the objects are not to be relied on, or undefined when they are: a readiness check. */
  notReadyReason(): string | undefined {
    const because = this.#failure === undefined ? '' : `: ${this.#failure}`
    if (!this.isSynced) return `${this.name} have not been read yet${because}`
    const { silentMs = 0 } = this
    if (silentMs <= this.#times.staleMs) return undefined
    const seconds = Math.round(silentMs / 1_000)
    return `${this.name} may be stale, the API server was not heard for ${seconds} s${because}`
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    for (let failures = 0; !signal.aborted;) {
      try {
        if (this.#version === undefined || clock.nowMs() >= this.#relistAtMs) {
          await this.#relist(signal)
        }
        await this.#follow(signal, () => (failures = 0))
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
      if ((pages += 1) > maxPages) throw unreachable(`list ${this.name}`, 'it has no end')
      const page = await client.list(resource, selection, next, signal)
      objects.push(...page.objects)
      ;({ next, resourceVersion: version } = page)
      this.#heard()
    } while (next !== undefined)
    const isFirst = !this.isSynced
    const changes = this.#store.replace(objects)
    this.#version = version
    this.#relistAtMs = clock.nowMs() + this.#times.relistMs * (0.9 + clock.random() * 0.2)
    this.#counts.relists += 1
    this.#failure = undefined
    if (!isFirst) this.#counts.missedChanges += changes.length
    this.#tell(changes, isFirst)
  }

  /** Reads one watch to its end. `goesWell` is told once it brought something or lasted. */
  async #follow(signal: AbortSignal, goesWell: () => void): Promise<void> {
    const { client, resource, selection = {}, clock } = this.#options
    const { watchMs, silenceMs } = this.#times
    const startedAtMs = clock.nowMs()
    const longestMs = Math.min(watchMs * (1 + clock.random()), this.#relistAtMs - startedAtMs)
    const events = watch(client, resource, selection, {
      resourceVersion: this.#version ?? '',
      timeoutSeconds: Math.max(1, Math.ceil(longestMs / 1_000)),
      silenceMs,
      signal,
      heard: () => {
        this.#heard()
      }
    })
    let isEmpty = true
    for await (const event of events) {
      isEmpty = false
      this.#failure = undefined
      goesWell()
      this.#take(event)
    }
    if (isEmpty && clock.nowMs() - startedAtMs < 1_000) {
      throw unreachable(`watch ${this.name}`, 'it ended at once')
    }
    goesWell()
  }

  #take(event: WatchEvent): void {
    switch (event.kind) {
      case 'bookmark':
        this.#version = event.resourceVersion
        return
      case 'put':
        this.#version = event.object.resourceVersion
        this.#tell(this.#store.put(event.object))
        return
      case 'deleted':
        this.#version = event.object.resourceVersion
        this.#tell(this.#store.remove(event.object))
    }
  }

  #failed(error: unknown): void {
    // Nobody can go on from that version; a list brings a new one.
    if (isApiFault(error, 'KUBERNETES_GONE')) this.#version = undefined
    this.#isRefused ||= !passing.some(code => isApiFault(error, code))
    this.#counts.failures += 1
    const fields = errorFields(error)
    if (this.#failure === undefined) this.#failures.succeeded()
    this.#failures.failed({ resource: this.name, ...fields }, all => {
      this.#options.logger.warn('objects cannot be followed now', all)
    })
    this.#failure = String(fields.reason ?? fields.error)
  }

  #heard(): void {
    this.#heardAtMs = this.#options.clock.nowMs()
  }

  #tell(changes: readonly ObjectChange[], isFirst = false): void {
    if (changes.length === 0 && !isFirst) return
    for (const listener of this.#listeners) {
      try {
        listener(changes)
      } catch (error) {
        // It would be told of these changes never again: following goes on for the others.
        const { logger } = this.#options
        logger.error('a listener met a defect', { resource: this.name, ...errorFields(error) })
      }
    }
  }
}

/** Read anew: it may have changed while something was awaited. */
function isEnded(signal: AbortSignal): boolean {
  return signal.aborted
}
