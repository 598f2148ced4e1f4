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

/** Options of a publisher. */
export interface PublisherOptions {
  readonly client: ApiClient
  /** Finds an ExternalArtifact in the cache. */
  readonly findArtifact: (namespace: string, name: string) => ApiObject | undefined
  /** The URL at which consumers reach the artifacts, without a trailing slash. */
  readonly baseUrl: string
  readonly now: () => Date
}

const fieldManager = 'mlgitops'

/** Writes ExternalArtifacts by server-side apply, only if they differ from what is wanted. */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #ownWrites = new OwnWrites()

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /**
   * Writes the ExternalArtifact of a release and its status.
   *
   * @returns the current object
   * @throws {Fault} `KUBERNETES_*`
   */
  async publish(release: ApiObject, name: string, published: Published): Promise<ApiObject> {
    const { client, findArtifact, baseUrl, now } = this.#options
    const { namespace } = release
    const wanted = externalArtifact(release, name)
    const cached = findArtifact(namespace, name)
    const last = cached === undefined ? undefined : this.#ownWrites.newest(cached)
    const object =
      last !== undefined && includes(last.body, wanted)
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

  /** Deletes an ExternalArtifact if the release owns it. @throws {Fault} `KUBERNETES_*` */
  async remove(release: ApiObject, name: string): Promise<void> {
    const { client } = this.#options
    const target = { namespace: release.namespace, name }
    try {
      const object = await client.get(externalArtifacts, target)
      if (ownerOf(object) === release.uid) await client.remove(externalArtifacts, target)
      this.#ownWrites.forget(object.uid)
    } catch (error) {
      if (!isApiFault(error, 'KUBERNETES_NOT_FOUND')) throw error
    }
  }
}

/** Whether an object has every wanted field with its value. Other fields are ignored. */
function includes(object: JsonValue | undefined, wanted: JsonObject): boolean {
  return Object.entries(wanted).every(([key, value]) => {
    const found = member(object, key)
    if (isJsonObject(value)) return includes(found, value)
    const text = (json: JsonValue) => stringifyJson(json, { sortKeys: true })
    return found !== undefined && text(found) === text(value)
  })
}
