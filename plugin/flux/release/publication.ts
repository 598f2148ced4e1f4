import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import type { Published } from '../artifact/external-artifact.ts'
import type { Publisher } from '../artifact/publisher.ts'
import type { ReleaseEvents } from './release-events.ts'
import { statusOf } from './reporter.ts'
import { readInventory } from './status.ts'
import type { InventoryEntry } from './status.ts'

/** Publishes rendered artifacts, deletes ExternalArtifacts that are no longer wanted, and sends events. */
export class Publications {
  readonly #publisher: Publisher
  readonly #events: ReleaseEvents
  /** The digest of the last event, by the release's UID. */
  readonly #lastDigests = new Map<string, string>()

  constructor(publisher: Publisher, events: ReleaseEvents) {
    this.#publisher = publisher
    this.#events = events
  }

  /**
   * Writes the ExternalArtifact of a release, and deletes those with an earlier `artifactName`.
   *
   * @returns the inventory of the release
   * @throws {Fault} `KUBERNETES_*`
   */
  async publish(
    object: ApiObject,
    artifactName: string,
    published: Published
  ): Promise<readonly InventoryEntry[]> {
    const { digest, revision, origin } = published
    const before = readInventory(statusOf(object))
    const artifact = await this.#publisher.publish(object, artifactName, published)
    for (const { name } of before) {
      if (name !== artifactName) await this.#publisher.remove(object, name)
    }
    const { namespace, uid } = object
    const originRevision = origin.revision
    const entry = { name: artifactName, namespace, revision, digest, originRevision }
    // The cached status may be older than the last publication.
    const isNew =
      before.every(each => each.digest !== digest) && this.#lastDigests.get(uid) !== digest
    this.#lastDigests.set(uid, digest)
    if (isNew) this.#events.published(object, artifact, entry)
    return [entry]
  }

  /**
   * Deletes every ExternalArtifact of a release.
   *
   * @param artifactName of the spec; undefined if the spec is invalid
   * @throws {Fault} `KUBERNETES_*`
   */
  async remove(object: ApiObject, artifactName: string | undefined): Promise<void> {
    const names = new Set(readInventory(statusOf(object)).map(({ name }) => name))
    if (artifactName !== undefined) names.add(artifactName)
    for (const name of names) await this.#publisher.remove(object, name)
  }

  /** Drops the state of a deleted release. */
  forget(uid: string): void {
    this.#lastDigests.delete(uid)
  }
}
