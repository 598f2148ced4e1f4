import { isJsonArray, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { secrets } from '../../service/certificates/secret-store.ts'
import { objectKey } from '../../service/kubernetes/api-object.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import { Informer } from '../../service/kubernetes/informer.ts'
import type { InformerOptions } from '../../service/kubernetes/informer.ts'
import type { Resource } from '../../service/kubernetes/resource.ts'
import { configMaps } from './resources.ts'

/** Which ConfigMaps and Secrets are watched. */
export interface WatchedConfigsOptions extends Pick<
  InformerOptions,
  'client' | 'clock' | 'logger'
> {
  /** Undefined: every namespace. */
  readonly namespaces: readonly string[] | undefined
  readonly labelSelector: string
}

/**
 * ConfigMaps and Secrets whose label asks for it, as Flux's own controllers watch them: a change has the
 * releases that name one looked at. Only their metadata are read and kept.
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

  /** Tells keys of releases that a change concerns. */
  subscribe(releases: () => readonly ApiObject[], tell: (key: string) => void): void {
    for (const { resource, informer } of this.#byKind) {
      informer.subscribe(changes => {
        const changed = new Set(
          changes.map(({ object }) => `${resource.kind} ${objectKey(object)}`)
        )
        for (const release of releases()) {
          if (referencesOf(release).some(reference => changed.has(reference))) {
            tell(objectKey(release))
          }
        }
      })
    }
  }
}

/** What a release reads beside its source: `Secret ml/values`. */
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
