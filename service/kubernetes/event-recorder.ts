import { createHash } from 'node:crypto'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import type { ApiClient } from './api-client.ts'
import type { Clock } from './clock.ts'
import { EventPost } from './event-post.ts'

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
  /** The object in notification-controller's event: Alerts select by its kind and name. */
  readonly object: EventObject
  /** The object of the Event in the cluster; undefined: only notification-controller gets the event. */
  readonly inCluster: EventObject | undefined
  readonly isWarning: boolean
  /** One CamelCase word for programs. */
  readonly reason: string
  readonly message: string
  /**
   * Facts for notification-controller, by name. It drops those whose name starts neither with the group
   * of the object nor with `event.toolkit.fluxcd.io`.
   */
  readonly metadata: Readonly<Record<string, string>>
}

/** Where events are sent. */
export interface EventRecorderOptions {
  readonly client: ApiClient
  /** Who reports, such as `mlgitops`. */
  readonly component: string
  /** Which of its replicas, such as the pod's name. */
  readonly instance: string
  /** An address that takes events of Flux (fluxcd/pkg apis/event/v1beta1), or none. */
  readonly address: string | undefined
  readonly now: () => Date
  readonly clock: Clock
  readonly logger: Logger
}

/** The API server refuses longer ones. */
const maxMessageCharacters = 1_024
/** Of fluxcd/pkg's Event. */
const maxPostedCharacters = 39_000

/** Records what happened: as an Event in the cluster, and as an event for Flux's notification-controller. */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #post: EventPost | undefined
  readonly #creating = new Set<Promise<void>>()

  constructor(options: EventRecorderOptions) {
    const { address, clock, logger } = options
    this.#options = options
    this.#post = address === undefined ? undefined : new EventPost({ address, clock, logger })
  }

  /** Sends in the background; a failure is logged. */
  record(event: ObjectEvent): void {
    const { apiVersion, kind, namespace, name } = event.object
    this.#post?.send([apiVersion, kind, namespace, name].join('/'), this.#message(event))
    if (event.inCluster === undefined) return
    const creating = this.#create(event.inCluster, event).catch((error: unknown) => {
      this.#options.logger.warn('cannot post the event', errorFields(error))
    })
    this.#creating.add(creating)
    void creating.finally(() => this.#creating.delete(creating))
  }

  /** Waits for the events that are being sent. */
  async stop(): Promise<void> {
    await Promise.all([...this.#creating, this.#post?.stop()])
  }

  async #create(
    object: EventObject,
    { isWarning, reason, message }: Omit<ObjectEvent, 'object' | 'inCluster'>
  ): Promise<void> {
    const { client, component, instance, now } = this.#options
    const { namespace } = object
    const time = now()
    const hash = createHash('sha256').update(
      `${object.uid ?? ''} ${reason} ${message} ${time.toISOString()}`
    )
    const at = new Date(Math.floor(time.getTime() / 1_000) * 1_000)
    await client.core.createNamespacedEvent({
      namespace,
      body: {
        metadata: { name: `${object.name}.${hash.digest('hex').slice(0, 16)}`, namespace },
        involvedObject: { ...object },
        type: isWarning ? 'Warning' : 'Normal',
        reason,
        message: message.slice(0, maxMessageCharacters),
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
        source: { component },
        reportingComponent: component,
        reportingInstance: instance
      }
    })
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
