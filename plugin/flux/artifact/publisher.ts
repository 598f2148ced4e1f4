import { member } from '../../../common/json.ts'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { isApiFault } from '../../../service/kubernetes/api-fault.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { OwnWrites } from '../../../service/kubernetes/own-writes.ts'
import { isJsonObject, stringifyJson } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { externalArtifacts } from '../resources.ts'
import { isSameStatus } from '../release/status.ts'
import { artifactStatus, externalArtifact, ownerOf } from './external-artifact.ts'
import type { Published } from './external-artifact.ts'

/** Where artifacts are published. */
export interface PublisherOptions {
  readonly client: ApiClient
  /** An ExternalArtifact as it was last heard of. */
  readonly current: (namespace: string, name: string) => ApiObject | undefined
  /** Where artifacts are served, as consumers reach it, without a slash at its end. */
  readonly baseUrl: string
  readonly now: () => Date
}

const fieldManager = 'mlgitops'

/** Writes ExternalArtifacts by server-side apply, only where they are not as they should be. */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #ownWrites = new OwnWrites()

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /**
   * Makes the ExternalArtifact of a release say what is published.
   *
   * @returns the object as it is now
   * @throws {Fault} `KUBERNETES_*`
   */
  async publish(release: ApiObject, name: string, published: Published): Promise<ApiObject> {
    const { client, current, baseUrl, now } = this.#options
    const { namespace } = release
    const wanted = externalArtifact(release, name)
    const heard = current(namespace, name)
    const last = heard === undefined ? undefined : this.#ownWrites.newest(heard)
    const object =
      last !== undefined && holds(last.body, wanted)
        ? last
        : await client.apply(externalArtifacts, { namespace, name }, wanted, {
            fieldManager,
            isForced: true
          })
    if (last !== undefined) this.#ownWrites.add(last, object)
    const status = member(object.body, 'status')
    const generation = object.generation ?? 1
    const wantedStatus = artifactStatus(published, baseUrl, { generation, status }, now())
    if (isSameStatus(wantedStatus, status)) return object
    const written = await client.apply(
      externalArtifacts,
      { namespace, name, subresource: 'status' },
      { metadata: { name, namespace }, status: wantedStatus },
      { fieldManager, isForced: true }
    )
    this.#ownWrites.add(object, written)
    return written
  }

  /** Removes an ExternalArtifact, unless it is somebody else's. @throws {Fault} `KUBERNETES_*` */
  async remove(release: ApiObject, name: string): Promise<void> {
    const { client } = this.#options
    const place = { namespace: release.namespace, name }
    try {
      const object = await client.get(externalArtifacts, place)
      if (ownerOf(object) === release.uid) await client.remove(externalArtifacts, place)
      this.#ownWrites.forget(object.uid)
    } catch (error) {
      if (!isApiFault(error, 'KUBERNETES_NOT_FOUND')) throw error
    }
  }
}

/** Whether an object has every field that is wanted, whatever it has beside them. */
function holds(object: JsonValue | undefined, wanted: JsonObject): boolean {
  return Object.entries(wanted).every(([key, value]) => {
    const found = member(object, key)
    if (isJsonObject(value)) return holds(found, value)
    const text = (json: JsonValue) => stringifyJson(json, { sortKeys: true })
    return found !== undefined && text(found) === text(value)
  })
}
