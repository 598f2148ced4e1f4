import { member, stringMember } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import type { OwnWrites } from '../../../service/kubernetes/own-writes.ts'
import { modelReleases } from '../resources.ts'
import type { ReleaseEvents, ReleaseResult } from './release-events.ts'
import { isSameStatus, readInventory, releaseStatus } from './status.ts'
import type { StatusFacts } from './status.ts'

/** Options of a reporter. */
export interface ReporterOptions {
  readonly client: ApiClient
  readonly events: ReleaseEvents
  /** Own writes of ModelReleases. */
  readonly ownWrites: OwnWrites
  /** Whether the file of a digest is stored and can be served. */
  readonly isStored: (digest: string) => boolean
  readonly now: () => Date
}

/** The annotation that requests a reconciliation (fluxcd/pkg apis/meta/annotations.go). */
const requestedAt = 'reconcile.fluxcd.io/requestedAt'
const fieldManager = 'mlgitops'

/** Writes the status of releases and sends their events, if there is something new. */
export class Reporter {
  readonly #options: ReporterOptions

  constructor(options: ReporterOptions) {
    this.#options = options
  }

  /** Reports the result of a reconciliation. @throws {Fault} `KUBERNETES_*` */
  async report(cached: ApiObject, result: ReleaseResult): Promise<void> {
    const object = this.#options.ownWrites.newest(cached)
    const last = statusOf(object)
    await this.#write(object, result, requestOf(object) ?? handledOf(last), () => {
      this.#options.events.finished(object, result, last)
    })
  }

  /**
   * Reports that a release is being rendered, if the spec, the revision or the request is new. A retry and
   * a reconciliation without changes are not reported.
   *
   * @throws {Fault} `KUBERNETES_*`
   */
  async progress(cached: ApiObject, revision: string): Promise<void> {
    const object = this.#options.ownWrites.newest(cached)
    const last = statusOf(object)
    const request = requestOf(object)
    const isKnown =
      member(last, 'observedGeneration') === (object.generation ?? 1) &&
      stringMember(last, 'lastAttemptedRevision') === revision &&
      (request === undefined || request === handledOf(last))
    if (isKnown) return
    const state = { kind: 'progressing', message: `rendering ${revision}` } as const
    const result = { state, revision, inventory: readInventory(last) }
    await this.#write(object, result, handledOf(last), () => {
      this.#options.events.started(object, last)
    })
  }

  async #write(
    object: ApiObject,
    { state, revision, inventory }: Omit<ReleaseResult, 'originRevision'>,
    lastHandledReconcileAt: string | undefined,
    afterWrite: () => void
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
    const status = releaseStatus(state, facts, last, now())
    if (isSameStatus(status, last)) return
    const { namespace, name } = object
    const written = await client.apply(
      modelReleases,
      { namespace, name, subresource: 'status' },
      { metadata: { namespace, name }, status },
      { fieldManager, isForced: true }
    )
    ownWrites.add(object, written)
    // A failed write is retried: an event before it would be sent again.
    afterWrite()
  }
}

/** The status of a release. */
export function statusOf({ body }: ApiObject): JsonValue | undefined {
  return member(body, 'status')
}

/** The value of the annotation {@link requestedAt}. */
export function requestOf({ body }: ApiObject): string | undefined {
  return stringMember(member(member(body, 'metadata'), 'annotations'), requestedAt)
}

function handledOf(status: JsonValue | undefined): string | undefined {
  return stringMember(status, 'lastHandledReconcileAt')
}
