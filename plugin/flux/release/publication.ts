import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import type { Published } from '../artifact/external-artifact.ts'
import type { Publisher } from '../artifact/publisher.ts'
import type { Announcements } from './announcements.ts'
import { statusOf } from './reporter.ts'
import { readInventory } from './status.ts'
import type { InventoryEntry } from './status.ts'

/** Publishes what releases came to, takes back what they no longer publish, and tells of what is new. */
export class Publications {
  readonly #publisher: Publisher
  readonly #announcements: Announcements
  /** The digest that an event told of last, by the release's UID. */
  readonly #told = new Map<string, string>()

  constructor(publisher: Publisher, announcements: Announcements) {
    this.#publisher = publisher
    this.#announcements = announcements
  }

  /**
   * Makes the ExternalArtifact of a release say what is published, wherever somebody changed it.
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
    // The status may not have come back to us yet.
    const isNew = before.every(each => each.digest !== digest) && this.#told.get(uid) !== digest
    this.#told.set(uid, digest)
    if (isNew) this.#announcements.published(object, artifact, entry)
    return [entry]
  }

  /** Takes back everything. @param artifactName where the release says it @throws {Fault} `KUBERNETES_*` */
  async remove(object: ApiObject, artifactName: string | undefined): Promise<void> {
    const names = new Set(readInventory(statusOf(object)).map(({ name }) => name))
    if (artifactName !== undefined) names.add(artifactName)
    for (const name of names) await this.#publisher.remove(object, name)
  }

  /** A release is gone. */
  forget(uid: string): void {
    this.#told.delete(uid)
  }
}
