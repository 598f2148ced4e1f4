import assert from 'node:assert/strict'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { eventually } from '../rig/eventually.ts'
import type { ControlPlane } from '../rig/control-plane.ts'
import { argoNamespace } from './argo-cd.ts'

/** The spec of an Application of the suite. */
export interface ApplicationSpec {
  readonly name: string
  readonly repository: string
  readonly path: string
  readonly namespace: string
  readonly plugin: JsonObject
  readonly annotations?: Readonly<Record<string, string>>
  readonly syncOptions?: readonly string[]
  /** Namespace of its Argo CD, if it is not {@link argoNamespace}. */
  readonly argo?: string
}

/** A thousand objects take minutes on a busy machine. */
const syncTimeoutMs = 360_000
const refreshEveryMs = 5_000

/** An Application and its status. */
export class Application {
  readonly #plane: ControlPlane
  readonly name: string
  readonly #at: string

  constructor(plane: ControlPlane, name: string, argo = argoNamespace) {
    this.#plane = plane
    this.name = name
    this.#at = `/apis/argoproj.io/v1alpha1/namespaces/${argo}/applications/${name}`
  }

  /** Creates an Application with automated sync and pruning, as in the example. */
  static async create(plane: ControlPlane, spec: ApplicationSpec): Promise<Application> {
    const { name, repository, path, namespace, plugin, annotations = {}, syncOptions = [] } = spec
    const { argo = argoNamespace } = spec
    const object: JsonObject = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: argo, annotations },
      spec: {
        project: 'default',
        source: { repoURL: `file://${repository}`, targetRevision: 'main', path, plugin },
        destination: { server: plane.url, namespace },
        // By default a denied sync is retried five times, and the next commit waits for the last retry.
        syncPolicy: { automated: { prune: true }, retry: { limit: 0 }, syncOptions }
      }
    }
    const application = new Application(plane, name, argo)
    expectSuccess(await plane.client.apply(application.#at, object), `Application ${name}`)
    return application
  }

  async change(spec: JsonObject): Promise<void> {
    expectSuccess(await this.#plane.client.patch(this.#at, { spec }), this.name)
  }

  /** Requests a refresh; `hard` also clears the cache. */
  async refresh(kind: 'normal' | 'hard' = 'normal'): Promise<void> {
    const change = { metadata: { annotations: { 'argocd.argoproj.io/refresh': kind } } }
    expectSuccess(await this.#plane.client.patch(this.#at, change), this.name)
  }

  object(): Promise<JsonObject> {
    return this.#plane.client.read(this.#at)
  }

  async status(): Promise<JsonObject> {
    return (member(await this.#plane.client.read(this.#at), 'status') ?? {}) as JsonObject
  }

  /** Waits until it is synced to a commit. Requests refreshes, like a Git webhook. */
  async untilSynced(commit: string): Promise<void> {
    let last = ''
    let refreshedMs = 0
    await eventually(
      async () => {
        const status = await this.status()
        last = JSON.stringify([status.conditions, status.sync, status.operationState])
        const isCompared = stringMember(status.sync, 'revision') === commit
        if (!isCompared && Date.now() - refreshedMs > refreshEveryMs) {
          await this.refresh()
          refreshedMs = Date.now()
        }
        return (isCompared && stringMember(status.sync, 'status') === 'Synced') || undefined
      },
      { what: `${this.name} is synced to ${commit}`, timeoutMs: syncTimeoutMs }
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${last.slice(0, 3_000)}`)
    })
  }

  /** Waits for a condition with a matching message. @returns the message */
  async untilCondition(type: string, wanted: RegExp): Promise<string> {
    await this.refresh('hard')
    return eventually(
      async () => {
        const conditions = ((await this.status()).conditions ?? []) as readonly JsonObject[]
        const found = conditions.find(condition => condition.type === type)
        const message = stringMember(found, 'message') ?? ''
        if (message !== '' && !wanted.test(message)) throw new Error(message)
        return wanted.test(message) ? message : undefined
      },
      { what: `${this.name} has the condition ${type} with ${String(wanted)}` }
    )
  }

  /** Waits until the sync to a commit has ended in this phase. @returns its message */
  async untilOperation(commit: string, phase: string): Promise<string> {
    await this.refresh()
    let last = ''
    const ended = await eventually(
      async () => {
        const state = member(await this.status(), 'operationState')
        last = JSON.stringify(state)
        const revision = stringMember(member(state, 'syncResult'), 'revision')
        const isEnded = member(state, 'finishedAt') !== undefined && revision === commit
        return isEnded ? (state as JsonObject) : undefined
      },
      { what: `an operation of ${this.name} has ended`, timeoutMs: syncTimeoutMs }
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${last.slice(0, 3_000)}`)
    })
    assert.equal(ended.phase, phase, last.slice(0, 3_000))
    return stringMember(ended, 'message') ?? ''
  }

  /** The managed objects as `Kind/name`. */
  async resources(): Promise<readonly string[]> {
    const all = ((await this.status()).resources ?? []) as readonly JsonObject[]
    return all
      .map(each => `${stringMember(each, 'kind') ?? ''}/${stringMember(each, 'name') ?? ''}`)
      .sort()
  }

  /** Deletes it; its objects stay. */
  async remove(): Promise<void> {
    await this.#plane.client.remove(this.#at)
  }
}
