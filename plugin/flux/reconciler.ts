import { Fault } from '../../common/fault.ts'
import { isJsonArray, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import { isApiFault } from '../../service/kubernetes/api-fault.ts'
import { apiVersionOf } from '../../service/kubernetes/resource.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import type { EventRecorder } from '../../service/kubernetes/event-recorder.ts'
import type { Publisher } from './artifact/publisher.ts'
import type { Attempted, Attempts, LastGood } from './release/attempt.ts'
import { readModelRelease } from './release/model-release.ts'
import type { ModelRelease } from './release/model-release.ts'
import type { Outcome } from './release/outcome.ts'
import { isSameStatus, readInventory, releaseStatus } from './release/status.ts'
import type { InventoryEntry } from './release/status.ts'
import { externalArtifacts, modelReleases } from './resources.ts'

/** What a reconciler works with. */
export interface ReconcilerOptions {
  readonly client: ApiClient
  readonly attempts: Attempts
  readonly publisher: Publisher
  readonly events: EventRecorder
  /** A ModelRelease as it was last heard of. */
  readonly find: (namespace: string, name: string) => ApiObject | undefined
  readonly findArtifact: (namespace: string, name: string) => ApiObject | undefined
  readonly now: () => Date
  /** In [0, 1). */
  readonly random: () => number
}

const finalizer = 'finalizers.mlgitops.io'
const requestedAt = 'reconcile.fluxcd.io/requestedAt'
const fieldManager = 'mlgitops'

/** Brings what is published of a release in line with it. */
export class Reconciler {
  readonly #options: ReconcilerOptions
  /** What is published, by the release's UID; lost with the process, and made again. */
  readonly #good = new Map<string, LastGood>()
  readonly #uids = new Map<string, string>()
  /** The digest that an event told of last, by the release's UID. */
  readonly #told = new Map<string, string>()

  constructor(options: ReconcilerOptions) {
    this.#options = options
  }

  /** Digests of what is published. */
  get usedDigests(): readonly string[] {
    return Array.from(this.#good.values(), ({ published }) => published.digest)
  }

  /** The release, as `namespace/name`, that publishes an artifact of this digest. */
  publisherOf(digest: string): string | undefined {
    for (const [key, uid] of this.#uids) {
      if (this.#good.get(uid)?.published.digest === digest) return key
    }
    return undefined
  }

  /**
   * Looks at a release once.
   *
   * @param key `namespace/name`
   * @returns after how many milliseconds it is to be looked at again
   * @throws {Fault} where it is to be tried again soon
   */
  async reconcile(key: string): Promise<number | undefined> {
    const [namespace = '', name = ''] = key.split('/')
    const object = this.#options.find(namespace, name)
    if (object === undefined) {
      this.#forget(key)
      return
    }
    if (stringMember(member(object.body, 'metadata'), 'deletionTimestamp') !== undefined) {
      return this.#finalize(key, object)
    }
    const release = readOrFault(object)
    if (release instanceof Fault) {
      const outcome: Outcome = { kind: 'stalled', reason: 'InvalidSpec', message: release.message }
      await this.#report(object, { ...nothing, outcome }, readInventory(statusOf(object)))
      return undefined
    }
    if (release.isSuspended) return undefined
    await this.#addFinalizer(object)
    return this.#follow(key, object, release)
  }

  async #follow(
    key: string,
    object: ApiObject,
    release: ModelRelease
  ): Promise<number | undefined> {
    const { attempts, random } = this.#options
    const attempted = await attempts.attempt(object, release, this.#good.get(object.uid))
    if (attempted.good !== undefined) this.#good.set(object.uid, attempted.good)
    this.#uids.set(key, object.uid)
    const inventory = await this.#publish(object, release, attempted)
    await this.#report(object, attempted, inventory)
    const { outcome, isWorthRetrying } = attempted
    if (outcome.kind === 'failed' && isWorthRetrying) {
      throw new Fault('RELEASE_NOT_READY', `${outcome.reason}: ${outcome.message}`)
    }
    return outcome.kind === 'stalled' ? undefined : release.intervalMs * (0.95 + random() * 0.1)
  }

  /** While a render fails, the last good artifact stays, and is put right where somebody changed it. */
  async #publish(
    object: ApiObject,
    { artifactName }: ModelRelease,
    { outcome, good }: Attempted
  ): Promise<readonly InventoryEntry[]> {
    const { publisher, events } = this.#options
    const before = readInventory(statusOf(object))
    const known = good ?? this.#good.get(object.uid)
    if (known === undefined || outcome.kind === 'stalled') return before
    const { published } = known
    const artifact = await publisher.publish(object, artifactName, published)
    for (const { name } of before) {
      if (name !== artifactName) await publisher.remove(object, name)
    }
    const { digest, revision, origin } = published
    // The status may not have come back to us yet.
    const isNew =
      before.every(entry => entry.digest !== digest) && this.#told.get(object.uid) !== digest
    this.#told.set(object.uid, digest)
    if (isNew) {
      events.record({
        object: involved(artifact, 'ExternalArtifact'),
        isWarning: false,
        reason: 'Succeeded',
        message: `stored artifact for revision ${revision}`,
        metadata: { revision, originRevision: origin.revision }
      })
    }
    const { namespace } = object
    return [{ name: artifactName, namespace, revision, digest, originRevision: origin.revision }]
  }

  async #report(
    object: ApiObject,
    { outcome, revision }: Attempted,
    inventory: readonly InventoryEntry[]
  ): Promise<void> {
    const { client, now } = this.#options
    const last = statusOf(object)
    const annotations = member(member(object.body, 'metadata'), 'annotations')
    const facts = {
      generation: object.generation ?? 1,
      lastHandledReconcileAt:
        stringMember(annotations, requestedAt) ?? stringMember(last, 'lastHandledReconcileAt'),
      lastAttemptedRevision: revision ?? stringMember(last, 'lastAttemptedRevision'),
      inventory
    }
    const status = releaseStatus(outcome, facts, last, now())
    if (isSameStatus(status, last)) return
    this.#warn(object, outcome, last)
    const { namespace, name } = object
    await client.apply(
      modelReleases,
      { namespace, name, subresource: 'status' },
      { metadata: { namespace, name }, status },
      { fieldManager, isForced: true }
    )
  }

  /**
   * A failure is told once, and again when it becomes another one. Alerts of Flux know no ModelRelease:
   * it is told of the ExternalArtifact where there is one.
   */
  #warn(object: ApiObject, outcome: Outcome, last: JsonValue | undefined): void {
    if (outcome.kind === 'ready' || readyMessage(last) === outcome.message) return
    const [published] = readInventory(last)
    const artifact = this.#options.findArtifact(object.namespace, published?.name ?? '')
    this.#options.events.record({
      object:
        artifact === undefined
          ? involved(object, 'ModelRelease')
          : involved(artifact, 'ExternalArtifact'),
      isWarning: true,
      reason: outcome.reason,
      message: outcome.message,
      metadata: {}
    })
  }

  async #addFinalizer({ namespace, name, body, resourceVersion }: ApiObject): Promise<void> {
    const finalizers = finalizersOf(body)
    if (finalizers.includes(finalizer)) return
    const patch = { metadata: { resourceVersion, finalizers: [...finalizers, finalizer] } }
    await this.#options.client.patch(modelReleases, { namespace, name }, patch)
  }

  async #finalize(key: string, object: ApiObject): Promise<undefined> {
    const { client, publisher } = this.#options
    const finalizers = finalizersOf(object.body)
    if (!finalizers.includes(finalizer)) return undefined
    for (const { name } of readInventory(statusOf(object))) await publisher.remove(object, name)
    const release = readOrFault(object)
    if (!(release instanceof Fault)) await publisher.remove(object, release.artifactName)
    const { namespace, name, resourceVersion } = object
    const rest = finalizers.filter(each => each !== finalizer)
    const patch = { metadata: { resourceVersion, finalizers: rest } }
    await client.patch(modelReleases, { namespace, name }, patch).catch((error: unknown) => {
      if (!isApiFault(error, 'KUBERNETES_NOT_FOUND')) throw error
    })
    this.#forget(key)
  }

  #forget(key: string): undefined {
    const uid = this.#uids.get(key)
    this.#uids.delete(key)
    if (uid === undefined) return undefined
    for (const known of [this.#good, this.#told]) known.delete(uid)
    this.#options.attempts.forget(uid)
    return undefined
  }
}

const nothing = { good: undefined, revision: undefined, isWorthRetrying: false }

function readOrFault(object: ApiObject): ModelRelease | Fault {
  try {
    return readModelRelease(object)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}

function statusOf({ body }: ApiObject): JsonValue | undefined {
  return member(body, 'status')
}

function readyMessage(status: JsonValue | undefined): string | undefined {
  const conditions = member(status, 'conditions')
  const all: readonly JsonValue[] = isJsonArray(conditions) ? conditions : []
  return stringMember(
    all.find(condition => stringMember(condition, 'type') === 'Ready'),
    'message'
  )
}

function finalizersOf(body: JsonValue): readonly string[] {
  const finalizers = member(member(body, 'metadata'), 'finalizers')
  return isJsonArray(finalizers) ? finalizers.filter(each => typeof each === 'string') : []
}

function involved({ namespace, name, uid }: ApiObject, kind: 'ExternalArtifact' | 'ModelRelease') {
  const resource = kind === 'ModelRelease' ? modelReleases : externalArtifacts
  return { apiVersion: apiVersionOf(resource), kind, namespace, name, uid }
}
