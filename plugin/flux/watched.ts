import { member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import { objectKey } from '../../service/kubernetes/api-object.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import type { Clock } from '../../service/kubernetes/clock.ts'
import { findCondition } from '../../service/kubernetes/condition.ts'
import { Informer } from '../../service/kubernetes/informer.ts'
import type { ObjectChange } from '../../service/kubernetes/object-store.ts'
import type { Resource } from '../../service/kubernetes/resource.ts'
import type { Logger } from '../../service/log.ts'
import { ownerOf, readPublished } from './artifact/external-artifact.ts'
import type { SourceRef } from './release/model-release.ts'
import { modelReleases, sources } from './resources.ts'
import { WatchedConfigs } from './watched-configs.ts'

/** Selects the objects to watch. */
export interface WatchedOptions {
  readonly client: ApiClient
  /** Undefined: every namespace. */
  readonly namespaces: readonly string[] | undefined
  /** Label selector for ConfigMaps and Secrets; undefined: none are watched. */
  readonly configSelector: string | undefined
  readonly clock: Clock
  readonly logger: Logger
}

/** Caches of ModelReleases and the objects that they depend on. */
export class Watched {
  readonly #byPlural: ReadonlyMap<string, readonly Informer[]>
  readonly #configs: WatchedConfigs | undefined

  constructor({ client, namespaces, configSelector, clock, logger }: WatchedOptions) {
    const informersOf = (resource: Resource) =>
      (namespaces ?? [undefined]).map(
        namespace => new Informer({ client, resource, selection: { namespace }, clock, logger })
      )
    const resources = [modelReleases, ...Object.values(sources)]
    this.#byPlural = new Map(
      resources.map(resource => [resource.plural, informersOf(resource)] as const)
    )
    if (configSelector === undefined) return
    const labelSelector = configSelector
    this.#configs = new WatchedConfigs({ client, namespaces, labelSelector, clock, logger })
  }

  get informers(): readonly Informer[] {
    return [...[...this.#byPlural.values()].flat(), ...(this.#configs?.informers ?? [])]
  }

  findRelease(namespace: string, name: string): ApiObject | undefined {
    return this.#find(modelReleases, namespace, name)
  }

  findSource({ kind, namespace, name }: SourceRef): ApiObject | undefined {
    return this.#find(sources[kind], namespace, name)
  }

  /** Digests of all publications, of any replica. */
  get publishedDigests(): readonly string[] {
    return this.#published().map(({ digest }) => digest)
  }

  /** The key of the release that publishes an artifact of this digest. */
  publisherOf(digest: string): string | undefined {
    const uid = this.#published().find(each => each.digest === digest)?.owner
    const release = this.#releases().find(each => each.uid === uid)
    return release === undefined ? undefined : objectKey(release)
  }

  #published(): readonly { readonly digest: string; readonly owner: string }[] {
    return this.#of(sources.ExternalArtifact)
      .flatMap(informer => informer.list())
      .flatMap(object => {
        const owner = ownerOf(object)
        const published = readPublished(member(object.body, 'status'))
        if (owner === undefined || published === undefined) return []
        return [{ digest: published.digest, owner }]
      })
  }

  /** Releases whose condition Ready is not True, with its reason; without suspended releases. */
  get notReady(): readonly {
    readonly namespace: string
    readonly name: string
    readonly reason: string
  }[] {
    return this.#releases().flatMap(({ namespace, name, body }) => {
      if (member(member(body, 'spec'), 'suspend') === true) return []
      const ready = findCondition(member(member(body, 'status'), 'conditions'), 'Ready')
      if (stringMember(ready, 'status') === 'True') return []
      return [{ namespace, name, reason: stringMember(ready, 'reason') ?? 'Unknown' }]
    })
  }

  /** Enqueues the keys of releases that must be reconciled. */
  subscribe(enqueue: (key: string) => void): void {
    for (const informer of this.#of(modelReleases)) {
      informer.subscribe(changes => {
        for (const change of changes) {
          if (needsReconcile(change)) enqueue(objectKey(change.object))
        }
      })
    }
    this.#configs?.subscribe(() => this.#releases(), enqueue)
    for (const resource of Object.values(sources)) {
      for (const informer of this.#of(resource)) {
        informer.subscribe(changes => {
          const keys = changes.flatMap(change => this.#concerned(change, resource))
          for (const key of new Set(keys)) enqueue(key)
        })
      }
    }
  }

  #releases(): readonly ApiObject[] {
    return this.#of(modelReleases).flatMap(informer => informer.list())
  }

  start(): void {
    for (const informer of this.informers) informer.start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.informers.map(informer => informer.stop()))
  }

  get isSynced(): boolean {
    return this.informers.every(({ isSynced }) => isSynced)
  }

  /** A readiness check. */
  notReadyReason(): string | undefined {
    const reasons = this.informers.map(informer => informer.notReadyReason())
    return reasons.find(reason => reason !== undefined)
  }

  #of({ plural }: Resource): readonly Informer[] {
    return this.#byPlural.get(plural) ?? []
  }

  #find(resource: Resource, namespace: string, name: string): ApiObject | undefined {
    for (const informer of this.#of(resource)) {
      const found = informer.get(namespace, name)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Keys of releases that are rendered from an object, own it, or want to publish under its name. */
  #concerned(change: ObjectChange, { kind }: Resource): readonly string[] {
    const { object } = change
    const isArtifact = kind === sources.ExternalArtifact.kind
    const owner = isArtifact ? ownerOf(object) : undefined
    const isOther = change.kind !== 'updated' || artifactOf(change.old) !== artifactOf(object)
    return this.#releases()
      .filter(release => {
        if (release.uid === owner || (isArtifact && publishesAs(release, object))) return true
        const ref = member(member(release.body, 'spec'), 'sourceRef')
        return (
          isOther &&
          stringMember(ref, 'kind') === kind &&
          stringMember(ref, 'name') === object.name &&
          (stringMember(ref, 'namespace') ?? release.namespace) === object.namespace
        )
      })
      .map(objectKey)
  }
}

/** Whether an ExternalArtifact has the name that a release publishes under. */
function publishesAs({ body, namespace, name }: ApiObject, artifact: ApiObject): boolean {
  const wanted = stringMember(member(body, 'spec'), 'artifactName') ?? name
  return artifact.name === wanted && artifact.namespace === namespace
}

/** Whether a change of a release needs a reconciliation; a new status does not. */
function needsReconcile(change: ObjectChange): boolean {
  if (change.kind !== 'updated') return true
  const { object, old } = change
  return object.generation !== old.generation || requestsOf(object) !== requestsOf(old)
}

/** The requests in the metadata of a release: for its deletion, and for a reconciliation. */
function requestsOf({ body }: ApiObject): string {
  const metadata = member(body, 'metadata')
  const annotations = member(metadata, 'annotations')
  const requested = stringMember(annotations, 'reconcile.fluxcd.io/requestedAt') ?? ''
  return `${stringMember(metadata, 'deletionTimestamp') ?? ''} ${requested}`
}

/** The parts of a source that a render depends on: its artifact and its spec. */
function artifactOf({ body }: ApiObject): string {
  const artifact: JsonValue = member(member(body, 'status'), 'artifact') ?? null
  const fields = ['url', 'digest', 'revision'].map(key => stringMember(artifact, key))
  return JSON.stringify([fields, member(body, 'spec')])
}
