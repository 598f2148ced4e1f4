import type { V1Secret } from '@kubernetes/client-node'
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
  #last: V1Secret

  constructor(client: ApiClient, place: { readonly namespace: string; readonly name: string }) {
    this.#client = client
    this.#place = place
    this.#last = newSecret(place)
  }

  async read(): Promise<VersionedSecret> {
    try {
      this.#last = await this.#client.core.readNamespacedSecret(this.#place)
      return { data: decoded(this.#last), version: this.#last.metadata?.resourceVersion }
    } catch (error) {
      if (!isApiFault(error, 'KUBERNETES_NOT_FOUND')) throw error
      this.#last = newSecret(this.#place)
      return { data: {}, version: undefined }
    }
  }

  async write(data: SecretData, version: string | undefined): Promise<boolean> {
    const { core } = this.#client
    const body = { ...this.#last, data: encoded(data) }
    try {
      if (version === undefined) {
        await core.createNamespacedSecret({ namespace: this.#place.namespace, body })
      } else {
        const metadata = { ...this.#last.metadata, resourceVersion: version }
        await core.replaceNamespacedSecret({ ...this.#place, body: { ...body, metadata } })
      }
      return true
    } catch (error) {
      const wasFaster = ['KUBERNETES_CONFLICT', 'KUBERNETES_NOT_FOUND'] as const
      if (wasFaster.some(code => isApiFault(error, code))) return false
      throw error
    }
  }
}

function newSecret(place: { readonly namespace: string; readonly name: string }): V1Secret {
  return { type: 'Opaque', metadata: { ...place } }
}

function decoded({ data = {} }: V1Secret): SecretData {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
  )
}

function encoded(data: SecretData): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  )
}
