import { isJsonArray, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { secrets } from '../../service/certificates/secret-store.ts'
import { objectKey } from '../../service/kubernetes/api-object.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import { Informer } from '../../service/kubernetes/informer.ts'
import type { InformerOptions } from '../../service/kubernetes/informer.ts'
import type { Resource } from '../../service/kubernetes/resource.ts'
import { configMaps } from './resources.ts'

/** Selects the ConfigMaps and Secrets to watch. */
export interface WatchedConfigsOptions extends Pick<
  InformerOptions,
  'client' | 'clock' | 'logger'
> {
  /** Undefined: every namespace. */
  readonly namespaces: readonly string[] | undefined
  readonly labelSelector: string
}

/**
 * Watches ConfigMaps and Secrets with a label, as Flux's own controllers do: a change enqueues the releases
 * that refer to the object. Only metadata are read and cached.
 */
export class WatchedConfigs {
  readonly informers: readonly Informer[]
  readonly #byKind: readonly { readonly resource: Resource; readonly informer: Informer }[]

  constructor({ namespaces, labelSelector, ...options }: WatchedConfigsOptions) {
    this.#byKind = [configMaps, secrets].flatMap(resource =>
      (namespaces ?? [undefined]).map(namespace => {
        const selection = { namespace, labelSelector, isMetadataOnly: true }
        return { resource, informer: new Informer({ ...options, resource, selection }) }
      })
    )
    this.informers = this.#byKind.map(({ informer }) => informer)
  }

  /** Enqueues the keys of releases that refer to a changed object. */
  subscribe(releases: () => readonly ApiObject[], enqueue: (key: string) => void): void {
    for (const { resource, informer } of this.#byKind) {
      informer.subscribe(changes => {
        const changed = new Set(
          changes.map(({ object }) => `${resource.kind} ${objectKey(object)}`)
        )
        for (const release of releases()) {
          if (referencesOf(release).some(reference => changed.has(reference))) {
            enqueue(objectKey(release))
          }
        }
      })
    }
  }
}

/** The ConfigMaps and Secrets that a release refers to, such as `Secret ml/values`. */
function referencesOf({ namespace, body }: ApiObject): readonly string[] {
  const spec = member(body, 'spec')
  const valuesFrom = member(spec, 'valuesFrom')
  const values: readonly JsonValue[] = isJsonArray(valuesFrom) ? valuesFrom : []
  const key = stringMember(member(member(spec, 'signing'), 'secretRef'), 'name')
  return [
    ...values.map(each => {
      return `${stringMember(each, 'kind') ?? ''} ${namespace}/${stringMember(each, 'name') ?? ''}`
    }),
    ...(key === undefined ? [] : [`Secret ${namespace}/${key}`])
  ]
}
