import { member, stringMember } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import type { OwnWrites } from '../../../service/kubernetes/own-writes.ts'
import { modelReleases } from '../resources.ts'
import type { Announcements, Ended } from './announcements.ts'
import { isSameStatus, readInventory, releaseStatus } from './status.ts'
import type { StatusFacts } from './status.ts'

/** What a reporter works with. */
export interface ReporterOptions {
  readonly client: ApiClient
  readonly announcements: Announcements
  /** Of ModelReleases. */
  readonly ownWrites: OwnWrites
  /** Whether the file of a digest is here to be served. */
  readonly isStored: (digest: string) => boolean
  readonly now: () => Date
}

/** The annotation by which somebody asks for a look (fluxcd/pkg apis/meta/annotations.go). */
const requestedAt = 'reconcile.fluxcd.io/requestedAt'
const fieldManager = 'mlgitops'

/** Says how releases are, in their status and by events, where that is news. An event comes first: told twice is better than never. */
export class Reporter {
  readonly #options: ReporterOptions

  constructor(options: ReporterOptions) {
    this.#options = options
  }

  /** @throws {Fault} `KUBERNETES_*` */
  async report(heard: ApiObject, report: Ended): Promise<void> {
    const object = this.#options.ownWrites.newest(heard)
    const last = statusOf(object)
    await this.#write(object, report, requestOf(object) ?? handledOf(last), () => {
      this.#options.announcements.ended(object, report, last)
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
    await this.#write(object, report, handledOf(last), () => {
      this.#options.announcements.begun(object, last)
    })
  }

  async #write(
    object: ApiObject,
    { outcome, revision, inventory }: Omit<Ended, 'originRevision'>,
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
    const { namespace, name } = object
    const written = await client.apply(
      modelReleases,
      { namespace, name, subresource: 'status' },
      { metadata: { namespace, name }, status },
      { fieldManager, isForced: true }
    )
    ownWrites.add(object, written)
    // Afterwards: what could not be written is tried again, and would be told again.
    tell()
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
