import { member, stringMember } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { findCondition } from '../../../service/kubernetes/condition.ts'
import type { EventRecorder } from '../../../service/kubernetes/event-recorder.ts'
import type { OwnWrites } from '../../../service/kubernetes/own-writes.ts'
import { apiVersionOf } from '../../../service/kubernetes/resource.ts'
import { externalArtifacts, modelReleases } from '../resources.ts'
import type { Outcome } from './outcome.ts'
import { isSameStatus, readInventory, releaseStatus } from './status.ts'
import type { InventoryEntry, StatusFacts } from './status.ts'

/** What a reporter works with. */
export interface ReporterOptions {
  readonly client: ApiClient
  readonly events: EventRecorder
  /** Of ModelReleases. */
  readonly ownWrites: OwnWrites
  readonly findArtifact: (namespace: string, name: string) => ApiObject | undefined
  /** Whether the file of a digest is here to be served. */
  readonly isStored: (digest: string) => boolean
  readonly now: () => Date
}

/** What is to be said of a release. */
export interface Report {
  readonly outcome: Outcome
  /** The revision of the source; undefined: what was said before stays. */
  readonly revision: string | undefined
  readonly inventory: readonly InventoryEntry[]
}

/** The annotation by which somebody asks for a look (fluxcd/pkg apis/meta/annotations.go). */
const requestedAt = 'reconcile.fluxcd.io/requestedAt'
const fieldManager = 'mlgitops'

/** Says how releases are, in their status and by events, where that is news. */
export class Reporter {
  readonly #options: ReporterOptions

  constructor(options: ReporterOptions) {
    this.#options = options
  }

  /** @throws {Fault} `KUBERNETES_*` */
  async report(heard: ApiObject, report: Report): Promise<void> {
    const object = this.#options.ownWrites.newest(heard)
    const last = statusOf(object)
    await this.#write(object, report, requestOf(object) ?? handledOf(last), () => {
      this.#warn(object, report, last)
    })
  }

  /**
   * Says that a release is being worked on, where it is about something that its status does not know:
   * another spec, another revision, or a request. Trying again, and a look that finds nothing new, are
   * no news.
   *
   * @throws {Fault} `KUBERNETES_*`
   */
  async progress(heard: ApiObject, revision: string): Promise<void> {
    const object = this.#options.ownWrites.newest(heard)
    const last = statusOf(object)
    const request = requestOf(object)
    const isKnown =
      member(last, 'observedGeneration') === (object.generation ?? 1) &&
      stringMember(last, 'lastAttemptedRevision') === revision &&
      (request === undefined || request === handledOf(last))
    if (isKnown) return
    const outcome = { kind: 'progressing', message: `rendering ${revision}` } as const
    const report = { outcome, revision, inventory: readInventory(last) }
    await this.#write(object, report, handledOf(last), () => undefined)
  }

  async #write(
    object: ApiObject,
    { outcome, revision, inventory }: Report,
    lastHandledReconcileAt: string | undefined,
    tell: () => void
  ): Promise<void> {
    const { client, isStored, ownWrites, now } = this.#options
    const last = statusOf(object)
    const facts: StatusFacts = {
      generation: object.generation ?? 1,
      lastHandledReconcileAt,
      lastAttemptedRevision: revision ?? stringMember(last, 'lastAttemptedRevision'),
      inventory,
      isStored: inventory.every(({ digest }) => isStored(digest))
    }
    const status = releaseStatus(outcome, facts, last, now())
    if (isSameStatus(status, last)) return
    tell()
    const { namespace, name } = object
    const written = await client.apply(
      modelReleases,
      { namespace, name, subresource: 'status' },
      { metadata: { namespace, name }, status },
      { fieldManager, isForced: true }
    )
    ownWrites.add(object, written)
  }

  /** Tells of a new artifact. */
  tellPublished(artifact: ApiObject, { revision, originRevision }: InventoryEntry): void {
    this.#options.events.record({
      object: involved(artifact, 'ExternalArtifact'),
      isWarning: false,
      reason: 'Succeeded',
      message: `stored artifact for revision ${revision}`,
      metadata: { revision, originRevision }
    })
  }

  /**
   * A failure is told once, and again when it becomes another one. Alerts of Flux know no ModelRelease:
   * it is told of the ExternalArtifact where there is one, with the revision of the source that failed.
   */
  #warn(object: ApiObject, { outcome, revision }: Report, last: JsonValue | undefined): void {
    const isFailure = outcome.kind === 'failed' || outcome.kind === 'stalled'
    if (!isFailure || readyMessage(last) === outcome.message) return
    const [published] = readInventory(last)
    const artifact = this.#options.findArtifact(object.namespace, published?.name ?? '')
    this.#options.events.record({
      object:
        artifact === undefined
          ? involved(object, 'ModelRelease')
          : involved(artifact, 'ExternalArtifact'),
      isWarning: true,
      reason: outcome.reason,
      message: outcome.message,
      metadata: revision === undefined ? {} : { originRevision: revision }
    })
  }
}

/** The status of a release as it was last heard of. */
export function statusOf({ body }: ApiObject): JsonValue | undefined {
  return member(body, 'status')
}

/** The request of somebody for a look, as {@link requestedAt} says it. */
export function requestOf({ body }: ApiObject): string | undefined {
  return stringMember(member(member(body, 'metadata'), 'annotations'), requestedAt)
}

function handledOf(status: JsonValue | undefined): string | undefined {
  return stringMember(status, 'lastHandledReconcileAt')
}

function readyMessage(status: JsonValue | undefined): string | undefined {
  return stringMember(findCondition(member(status, 'conditions'), 'Ready'), 'message')
}

function involved({ namespace, name, uid }: ApiObject, kind: 'ExternalArtifact' | 'ModelRelease') {
  const resource = kind === 'ModelRelease' ? modelReleases : externalArtifacts
  return { apiVersion: apiVersionOf(resource), kind, namespace, name, uid }
}
