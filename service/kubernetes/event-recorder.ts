import { createHash } from 'node:crypto'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import type { ApiClient } from './api-client.ts'
import type { Clock } from './clock.ts'
import { EventPost } from './event-post.ts'
import type { Resource } from './resource.ts'

const events: Resource = { group: '', version: 'v1', plural: 'events', kind: 'Event' }

/** An object that something happened to. */
export interface EventObject {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Absent where there is no such object yet. */
  readonly uid?: string
}

/** What happened. */
export interface ObjectEvent {
  /** What notification-controller is told that it happened to: Alerts go by its kind and name. */
  readonly object: EventObject
  /** What the Event of the cluster is about; undefined: it is for notification-controller alone. */
  readonly inCluster: EventObject | undefined
  readonly isWarning: boolean
  /** One CamelCase word for programs. */
  readonly reason: string
  readonly message: string
  /**
   * Facts for whoever is told, by name. notification-controller drops those that begin neither with the
   * group of the object nor with `event.toolkit.fluxcd.io`.
   */
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
  readonly clock: Clock
  readonly logger: Logger
}

/** The API server refuses longer ones. */
const maxMessageCharacters = 1_024
/** Of fluxcd/pkg's Event. */
const maxPostedCharacters = 39_000

/** Tells of what happened: by an Event of the cluster, and by a message to Flux's notification-controller. */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #post: EventPost | undefined
  readonly #creating = new Set<Promise<void>>()

  constructor(options: EventRecorderOptions) {
    const { address, clock, logger } = options
    this.#options = options
    this.#post = address === undefined ? undefined : new EventPost({ address, clock, logger })
  }

  /** Tells in the background; who cannot be told is told nothing, and that is logged. */
  record(event: ObjectEvent): void {
    const { apiVersion, kind, namespace, name } = event.object
    this.#post?.send([apiVersion, kind, namespace, name].join('/'), this.#message(event))
    if (event.inCluster === undefined) return
    const creating = this.#create(event.inCluster, event).catch((error: unknown) => {
      this.#options.logger.warn('an event could not be told', errorFields(error))
    })
    this.#creating.add(creating)
    void creating.finally(() => this.#creating.delete(creating))
  }

  /** Waits for what is being told. */
  async stop(): Promise<void> {
    await Promise.all([...this.#creating, this.#post?.stop()])
  }

  async #create(
    object: EventObject,
    { isWarning, reason, message }: Omit<ObjectEvent, 'object' | 'inCluster'>
  ): Promise<void> {
    const { client, component, instance, now } = this.#options
    const { namespace } = object
    const time = now().toISOString()
    const hash = createHash('sha256').update(`${object.uid ?? ''} ${reason} ${message} ${time}`)
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

  #message({ object, isWarning, reason, message, metadata }: ObjectEvent): string {
    const { component, instance, now } = this.#options
    return JSON.stringify({
      involvedObject: object,
      severity: isWarning ? 'error' : 'info',
      timestamp: now().toISOString(),
      message: message.slice(0, maxPostedCharacters),
      reason,
      metadata,
      reportingController: component,
      reportingInstance: instance
    })
  }
}
