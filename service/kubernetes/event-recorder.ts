import { createHash } from 'node:crypto'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import type { ApiClient } from './api-client.ts'
import type { Resource } from './resource.ts'

const events: Resource = { group: '', version: 'v1', plural: 'events', kind: 'Event' }

/** What happened to an object. */
export interface ObjectEvent {
  readonly object: {
    readonly apiVersion: string
    readonly kind: string
    readonly namespace: string
    readonly name: string
    readonly uid: string
  }
  readonly isWarning: boolean
  /** One CamelCase word for programs. */
  readonly reason: string
  readonly message: string
  /** Facts for whoever is told, by name. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Whom events are told. */
export interface EventRecorderOptions {
  readonly client: ApiClient
  /** Who tells, such as `mlgitops`. */
  readonly component: string
  /** Which of its replicas, such as the pod's name. */
  readonly instance: string
  /** An address that takes events of Flux (fluxcd/pkg apis/event/v1beta1), or nobody. */
  readonly address: string | undefined
  readonly now: () => Date
  readonly logger: Logger
}

const postMs = 5_000
/** The API server refuses longer ones. */
const maxMessageCharacters = 1_024

/** Tells of what happened: by an Event of the cluster, and by a message to Flux's notification-controller. */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #telling = new Set<Promise<void>>()

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  /** Tells in the background; who cannot be told is told nothing, and that is logged. */
  record(event: ObjectEvent): void {
    for (const told of [this.#create(event), this.#post(event)]) {
      const telling = told.catch((error: unknown) => {
        this.#options.logger.warn('an event could not be told', errorFields(error))
      })
      this.#telling.add(telling)
      void telling.finally(() => this.#telling.delete(telling))
    }
  }

  /** Waits for what is being told. */
  async stop(): Promise<void> {
    await Promise.all(this.#telling)
  }

  async #create({ object, isWarning, reason, message }: ObjectEvent): Promise<void> {
    const { client, component, instance, now } = this.#options
    const { namespace } = object
    const time = now().toISOString()
    const hash = createHash('sha256').update(`${object.uid} ${reason} ${message} ${time}`)
    await client.create(
      events,
      { namespace },
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${object.name}.${hash.digest('hex').slice(0, 16)}`, namespace },
        involvedObject: { ...object },
        type: isWarning ? 'Warning' : 'Normal',
        reason,
        message: message.slice(0, maxMessageCharacters),
        firstTimestamp: time.replace(/\.\d+Z$/, 'Z'),
        lastTimestamp: time.replace(/\.\d+Z$/, 'Z'),
        count: 1,
        source: { component },
        reportingComponent: component,
        reportingInstance: instance
      }
    )
  }

  /** Its metadata begin with the group of the object: others are dropped on the way. */
  async #post({ object, isWarning, reason, message, metadata }: ObjectEvent): Promise<void> {
    const { address, component, instance, now } = this.#options
    if (address === undefined) return
    const group = object.apiVersion.replace(/\/.*$/, '')
    const facts = Object.entries(metadata).map(([key, value]) => [`${group}/${key}`, value])
    const response = await fetch(address, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(postMs),
      body: JSON.stringify({
        involvedObject: object,
        severity: isWarning ? 'error' : 'info',
        timestamp: now().toISOString(),
        message,
        reason,
        metadata: Object.fromEntries(facts) as Readonly<Record<string, string>>,
        reportingController: component,
        reportingInstance: instance
      })
    })
    await response.body?.cancel()
    // 429 says that it was told already.
    if (!response.ok && response.status !== 429) {
      this.#options.logger.warn('an event was not taken', { status: response.status })
    }
  }
}
