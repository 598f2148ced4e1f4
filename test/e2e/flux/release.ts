import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import type { ApiClient } from '../rig/api-client.ts'
import { eventually } from '../rig/eventually.ts'
import { fluxNamespace } from './flux-hosts.ts'

const source = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${fluxNamespace}`

/** API paths of the kinds of Flux and ours. */
export const collections = {
  Kustomization: `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${fluxNamespace}/kustomizations`,
  ModelRelease: `/apis/mlgitops.io/v1alpha1/namespaces/${fluxNamespace}/modelreleases`,
  ExternalArtifact: `${source}/externalartifacts`,
  GitRepository: `${source}/gitrepositories`,
  OCIRepository: `${source}/ocirepositories`,
  Bucket: `${source}/buckets`
} as const

/** A kind of object that belongs to a release. */
export type ReleaseKind = keyof typeof collections

/** The spec of a release of the suite. */
export interface ReleaseSpec {
  readonly path: string
  readonly namespace: string
  /** Overrides the spec of the ModelRelease. */
  readonly more?: JsonObject
  /** Overrides the spec of the Kustomization. */
  readonly kustomization?: JsonObject
}

const patience = { timeoutMs: 120_000 } as const

/** A ModelRelease with its ExternalArtifact and its Kustomization, all with the same name. */
export class Release {
  readonly name: string
  readonly #client: ApiClient

  constructor(client: ApiClient, name: string) {
    this.#client = client
    this.name = name
  }

  /** Creates a ModelRelease and its Kustomization. */
  static async create(client: ApiClient, name: string, spec: ReleaseSpec): Promise<Release> {
    const release = new Release(client, name)
    const { path, namespace: targetNamespace, more = {}, kustomization = {} } = spec
    await release.apply('ModelRelease', {
      apiVersion: 'mlgitops.io/v1alpha1',
      spec: {
        ...{ sourceRef: { kind: 'GitRepository', name: 'mlops-repo' }, path, targetNamespace },
        ...more
      }
    })
    const sourceRef = { kind: 'ExternalArtifact', name }
    await release.apply('Kustomization', {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      spec: {
        ...{ interval: '10m', retryInterval: '2s', prune: true, path: './' },
        ...{ targetNamespace, sourceRef, ...kustomization }
      }
    })
    return release
  }

  /** Applies an object with the release's name, server-side. */
  async apply(kind: ReleaseKind, object: JsonObject): Promise<void> {
    const metadata = { name: this.name, namespace: fluxNamespace }
    const whole = { ...object, kind, metadata }
    expectSuccess(await this.#client.apply(this.at(kind), whole), `${kind} ${this.name}`)
  }

  at(kind: ReleaseKind): string {
    return `${collections[kind]}/${this.name}`
  }

  read(kind: ReleaseKind): Promise<JsonObject> {
    return this.#client.read(this.at(kind))
  }

  async patch(kind: ReleaseKind, change: JsonObject): Promise<void> {
    expectSuccess(await this.#client.patch(this.at(kind), change), `${kind} ${this.name}`)
  }

  /** Requests a reconciliation, like `flux reconcile`. @returns the value of the annotation */
  async request(kind: ReleaseKind): Promise<string> {
    const at = new Date().toISOString()
    await this.patch(kind, { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': at } } })
    return at
  }

  /** Waits until our controller has handled a request. */
  async untilHandled(requestedAt: string): Promise<void> {
    await this.#until(`request ${requestedAt} is handled`, 'ModelRelease', ({ status }) => {
      return stringMember(status, 'lastHandledReconcileAt') === requestedAt
    })
  }

  /** The resource version, which changes with every write of the object or its status. */
  async version(kind: ReleaseKind): Promise<string> {
    return stringMember((await this.read(kind)).metadata, 'resourceVersion') ?? ''
  }

  /** The artifact in the status of its ExternalArtifact. */
  async artifact(): Promise<Readonly<Record<'revision' | 'digest' | 'url', string>>> {
    const { status } = await this.read('ExternalArtifact')
    const artifact = member(status, 'artifact')
    const text = (key: string) => stringMember(artifact, key) ?? ''
    return { revision: text('revision'), digest: text('digest'), url: text('url') }
  }

  /** Waits until our controller has reconciled a revision of the source. */
  async untilSeen(revision: string): Promise<JsonObject> {
    return this.#until(`${revision} is reconciled`, 'ModelRelease', object => {
      const isDone = stringMember(conditionOf(object, 'Ready'), 'status') !== 'Unknown'
      return isDone && stringMember(object.status, 'lastAttemptedRevision') === revision
    })
  }

  /** Waits until a revision of the source is applied. @returns the Kustomization */
  async untilApplied(origin: string): Promise<JsonObject> {
    const applied = await this.#until(`${origin} is applied`, 'Kustomization', object => {
      const isReady = stringMember(conditionOf(object, 'Ready'), 'status') === 'True'
      return isReady && stringMember(object.status, 'lastAppliedOriginRevision') === origin
    })
    return applied
  }

  /** Waits until Ready is False with a reason. @returns the message */
  async untilFailed(kind: ReleaseKind, reason: string, wanted = /./): Promise<string> {
    const object = await this.#until(`it fails with ${reason} ${String(wanted)}`, kind, each => {
      const ready = conditionOf(each, 'Ready')
      const isFalse = stringMember(ready, 'status') === 'False'
      const message = stringMember(ready, 'message') ?? ''
      return isFalse && stringMember(ready, 'reason') === reason && wanted.test(message)
    })
    return stringMember(conditionOf(object, 'Ready'), 'message') ?? ''
  }

  async untilReady(kind: ReleaseKind): Promise<JsonObject> {
    return this.#until('it is ready', kind, object => {
      return stringMember(conditionOf(object, 'Ready'), 'status') === 'True'
    })
  }

  async #until(
    what: string,
    kind: ReleaseKind,
    condition: (object: JsonObject) => boolean
  ): Promise<JsonObject> {
    let last: JsonObject = {}
    const found = eventually(
      async () => {
        last = await this.read(kind)
        return condition(last) ? last : undefined
      },
      { what: `${kind} ${this.name}: ${what}`, ...patience }
    )
    return found.catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(last.status).slice(0, 3_000)}`)
    })
  }

  /** Deletes objects and waits until they are gone. A Kustomization prunes what it applied. */
  async remove(...kinds: readonly ReleaseKind[]): Promise<void> {
    for (const kind of kinds) {
      await this.#client.remove(this.at(kind))
      await this.untilGone(kind)
    }
  }

  async untilGone(kind: ReleaseKind): Promise<void> {
    await eventually(
      async () => (await this.#client.get(this.at(kind))).status === 404 || undefined,
      { what: `${kind} ${this.name} is deleted`, ...patience }
    )
  }
}

/** A condition of an object. */
export function conditionOf(object: JsonObject, type: string): JsonObject | undefined {
  const conditions = member(object.status, 'conditions') ?? []
  return (conditions as readonly JsonObject[]).find(condition => condition.type === type)
}
