import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import { isApiFault } from '../kubernetes/api-fault.ts'
import type { Resource } from '../kubernetes/resource.ts'
import type { SecretData } from './authority-state.ts'
import type { CaStore, VersionedSecret } from './stores.ts'

/** Secrets of the core group. */
export const secrets: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' }

/** A Secret of the cluster. It is created if it does not exist; its labels and other fields stay. */
export class SecretStore implements CaStore {
  readonly #client: ApiClient
  readonly #place: { readonly namespace: string; readonly name: string }
  /** The whole object; only its data is ours. */
  #last: JsonObject

  constructor(client: ApiClient, place: { readonly namespace: string; readonly name: string }) {
    this.#client = client
    this.#place = place
    this.#last = newSecret(place)
  }

  async read(): Promise<VersionedSecret> {
    try {
      const { body, resourceVersion } = await this.#client.get(secrets, this.#place)
      this.#last = body
      return { data: decoded(body), version: resourceVersion }
    } catch (error) {
      if (!isApiFault(error, 'KUBERNETES_NOT_FOUND')) throw error
      this.#last = newSecret(this.#place)
      return { data: {}, version: undefined }
    }
  }

  async write(data: SecretData, version: string | undefined): Promise<boolean> {
    const object = { ...this.#last, data: encoded(data) }
    try {
      if (version === undefined) await this.#client.create(secrets, this.#place, object)
      else {
        const metadata = member(this.#last, 'metadata') as JsonObject
        const newest = { ...metadata, resourceVersion: version }
        await this.#client.replace(secrets, this.#place, { ...object, metadata: newest })
      }
      return true
    } catch (error) {
      const wasFaster = ['KUBERNETES_CONFLICT', 'KUBERNETES_NOT_FOUND'] as const
      if (wasFaster.some(code => isApiFault(error, code))) return false
      throw error
    }
  }
}

function newSecret(place: { readonly namespace: string; readonly name: string }): JsonObject {
  return { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { ...place } }
}

function decoded(body: JsonObject): SecretData {
  const data = member(body, 'data')
  if (!isJsonObject(data)) return {}
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      typeof value === 'string' ? Buffer.from(value, 'base64').toString() : ''
    ])
  )
}

function encoded(data: SecretData): JsonObject {
  return Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  )
}
