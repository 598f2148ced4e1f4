import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import type { ApiClient } from '../rig/api-client.ts'
import { eventually } from '../rig/eventually.ts'
import { fluxNamespace } from './flux-hosts.ts'

const source = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${fluxNamespace}`

/** Where the API server has the objects of Flux and ours. */
export const places = {
  Kustomization: `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${fluxNamespace}/kustomizations`,
  ModelRelease: `/apis/mlgitops.io/v1alpha1/namespaces/${fluxNamespace}/modelreleases`,
  ExternalArtifact: `${source}/externalartifacts`,
  GitRepository: `${source}/gitrepositories`,
  OCIRepository: `${source}/ocirepositories`,
  Bucket: `${source}/buckets`
} as const

/** A kind that a release consists of. */
export type ReleaseKind = keyof typeof places

/** What a release of the suite is made of, beside the repository. */
export interface ReleaseSpec {
  readonly path: string
  readonly namespace: string
  /** Of the ModelRelease, over the rest. */
  readonly more?: JsonObject
  /** Of the Kustomization, over the rest. */
  readonly kustomization?: JsonObject
}

const patience = { timeoutMs: 120_000 } as const

/** A ModelRelease with its ExternalArtifact and its Kustomization, all of one name. */
export class Release {
  readonly name: string
  readonly #client: ApiClient

  constructor(client: ApiClient, name: string) {
    this.#client = client
    this.name = name
  }

  /** Makes a ModelRelease and its Kustomization. */
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

  /** Server-side apply of an object of its name. */
  async apply(kind: ReleaseKind, object: JsonObject): Promise<void> {
    const metadata = { name: this.name, namespace: fluxNamespace }
    const whole = { ...object, kind, metadata }
    expectSuccess(await this.#client.apply(this.at(kind), whole), `${kind} ${this.name}`)
  }

  at(kind: ReleaseKind): string {
    return `${places[kind]}/${this.name}`
  }

  read(kind: ReleaseKind): Promise<JsonObject> {
    return this.#client.read(this.at(kind))
  }

  async patch(kind: ReleaseKind, change: JsonObject): Promise<void> {
    expectSuccess(await this.#client.patch(this.at(kind), change), `${kind} ${this.name}`)
  }

  /** Asks a controller to look at one now, as `flux reconcile` does; what was written to the annotation. */
  async request(kind: ReleaseKind): Promise<string> {
    const at = new Date().toISOString()
    await this.patch(kind, { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': at } } })
    return at
  }

  /** Waits until our controller has looked at it as it was asked to. */
  async untilHandled(requestedAt: string): Promise<void> {
    await this.#until(`it was looked at for ${requestedAt}`, 'ModelRelease', ({ status }) => {
      return stringMember(status, 'lastHandledReconcileAt') === requestedAt
    })
  }

  /** Changes with every write, the status's as well. */
  async version(kind: ReleaseKind): Promise<string> {
    return stringMember((await this.read(kind)).metadata, 'resourceVersion') ?? ''
  }

  /** What its ExternalArtifact publishes. */
  async artifact(): Promise<Readonly<Record<'revision' | 'digest' | 'url', string>>> {
    const { status } = await this.read('ExternalArtifact')
    const artifact = member(status, 'artifact')
    const text = (key: string) => stringMember(artifact, key) ?? ''
    return { revision: text('revision'), digest: text('digest'), url: text('url') }
  }

  /** Waits until our controller was through with a revision of the source. */
  async untilSeen(revision: string): Promise<JsonObject> {
    return this.#until(`our controller has seen ${revision}`, 'ModelRelease', object => {
      const isDone = stringMember(conditionOf(object, 'Ready'), 'status') !== 'Unknown'
      return isDone && stringMember(object.status, 'lastAttemptedRevision') === revision
    })
  }

  /** Waits until what was rendered at a revision of the source is applied; the Kustomization. */
  async untilApplied(origin: string): Promise<JsonObject> {
    const applied = await this.#until(`${origin} is applied`, 'Kustomization', object => {
      const isReady = stringMember(conditionOf(object, 'Ready'), 'status') === 'True'
      return isReady && stringMember(object.status, 'lastAppliedOriginRevision') === origin
    })
    return applied
  }

  /** Waits for a condition that is not as it should be, and returns what it says. */
  async untilFailed(kind: ReleaseKind, reason: string, wanted = /./): Promise<string> {
    const object = await this.#until(`it fails with ${reason} ${String(wanted)}`, kind, each => {
      const ready = conditionOf(each, 'Ready')
      const isSo = stringMember(ready, 'status') === 'False'
      const says = stringMember(ready, 'message') ?? ''
      return isSo && stringMember(ready, 'reason') === reason && wanted.test(says)
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
    isSo: (object: JsonObject) => boolean
  ): Promise<JsonObject> {
    let last: JsonObject = {}
    const found = eventually(
      async () => {
        last = await this.read(kind)
        return isSo(last) ? last : undefined
      },
      { what: `${kind} ${this.name}: ${what}`, ...patience }
    )
    return found.catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(last.status).slice(0, 3_000)}`)
    })
  }

  /** Away with it: the Kustomization prunes what it applied. */
  async remove(...kinds: readonly ReleaseKind[]): Promise<void> {
    for (const kind of kinds) {
      await this.#client.remove(this.at(kind))
      await this.untilGone(kind)
    }
  }

  async untilGone(kind: ReleaseKind): Promise<void> {
    await eventually(
      async () => (await this.#client.get(this.at(kind))).status === 404 || undefined,
      { what: `${kind} ${this.name} is gone`, ...patience }
    )
  }
}

/** A condition of an object, as the server has it. */
export function conditionOf(object: JsonObject, type: string): JsonObject | undefined {
  const conditions = member(object.status, 'conditions') ?? []
  return (conditions as readonly JsonObject[]).find(condition => condition.type === type)
}
