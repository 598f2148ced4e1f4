import { Fault } from '../../common/fault.ts'
import { member, stringMember } from '../../common/json.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import type { OwnWrites } from '../../service/kubernetes/own-writes.ts'
import type { Renderings } from './release/renderings.ts'
import type { Rendering, LastGood } from './release/rendering.ts'
import { addFinalizer, isFinalizedHere, removeFinalizer } from './release/finalizer.ts'
import { readModelRelease } from './release/model-release.ts'
import type { ModelRelease } from './release/model-release.ts'
import type { ReleaseState } from './release/release-state.ts'
import type { Publications } from './release/publication.ts'
import { statusOf } from './release/reporter.ts'
import type { Reporter } from './release/reporter.ts'
import { readInventory } from './release/status.ts'

/** Options of a reconciler. */
export interface ReconcilerOptions {
  readonly client: ApiClient
  readonly renderings: Renderings
  readonly publications: Publications
  readonly reporter: Reporter
  /** Own writes of ModelReleases. */
  readonly ownWrites: OwnWrites
  /** Finds a ModelRelease in the cache. */
  readonly find: (namespace: string, name: string) => ApiObject | undefined
  /** Adds a release to the work queue, by its key. */
  readonly enqueue: (key: string) => void
  /** Returns a number in [0, 1). */
  readonly random: () => number
}

/** Reconciles ModelReleases: renders and publishes them, and writes their status. */
export class Reconciler {
  readonly #options: ReconcilerOptions
  /** The last good render of this process, by the release's UID. */
  readonly #good = new Map<string, LastGood>()
  /** UIDs of reconciled releases by their keys, to drop the state of a deleted release. */
  readonly #uids = new Map<string, string>()

  constructor(options: ReconcilerOptions) {
    this.#options = options
  }

  /** Digests that this process rendered and has published, or is about to publish. */
  get goodDigests(): readonly string[] {
    return Array.from(this.#good.values(), ({ published }) => published.digest)
  }

  /**
   * Reconciles a release once.
   *
   * @param key `namespace/name`
   * @returns milliseconds until the next reconciliation; undefined: when something changes
   * @throws {Fault} if it must be retried soon
   */
  async reconcile(key: string): Promise<number | undefined> {
    const [namespace = '', name = ''] = key.split('/')
    const cached = this.#options.find(namespace, name)
    if (cached === undefined) {
      this.#forget(key)
      return undefined
    }
    if (this.#uids.get(key) !== cached.uid) this.#forget(key)
    this.#uids.set(key, cached.uid)
    const object = this.#options.ownWrites.newest(cached)
    const release = readOrFault(object)
    if (stringMember(member(object.body, 'metadata'), 'deletionTimestamp') !== undefined) {
      await this.#finalize(key, object, release)
      return undefined
    }
    if (release instanceof Fault) {
      const state: ReleaseState = {
        kind: 'stalled',
        reason: 'InvalidSpec',
        message: release.message
      }
      const inventory = readInventory(statusOf(object))
      const result = { state, revision: undefined, originRevision: undefined, inventory }
      await this.#options.reporter.report(object, result)
      return undefined
    }
    if (release.isSuspended) {
      const late = await this.#options.renderings.restore(object, release)
      if (late !== undefined) this.#enqueueAfter(key, late.settled)
      return undefined
    }
    this.#options.ownWrites.add(object, await addFinalizer(this.#options.client, object))
    return this.#renderAndPublish(key, object, release)
  }

  async #renderAndPublish(
    key: string,
    object: ApiObject,
    release: ModelRelease
  ): Promise<number | undefined> {
    const { renderings, reporter, ownWrites, random } = this.#options
    const rendering = await renderings.render(object, release, this.#good.get(object.uid))
    const { state, good, revision, originRevision, isWorthRetrying, downloaded } = rendering
    if (good !== undefined) this.#good.set(object.uid, good)
    const inventory = await this.#publish(ownWrites.newest(object), release, rendering)
    if (state.kind === 'progressing') {
      if (downloaded !== undefined) this.#enqueueAfter(key, downloaded)
      return undefined
    }
    await reporter.report(object, { state, revision, originRevision, inventory })
    if (state.kind === 'failed' && isWorthRetrying) {
      throw new Fault('RELEASE_NOT_READY', `${state.reason}: ${state.message}`)
    }
    return state.kind === 'stalled' ? undefined : release.intervalMs * (0.95 + random() * 0.1)
  }

  #enqueueAfter(key: string, settled: Promise<void>): void {
    void settled.then(() => {
      this.#options.enqueue(key)
    })
  }

  /** While a render fails, the last good artifact stays published, and changes by others are reverted. */
  async #publish(object: ApiObject, { artifactName }: ModelRelease, { state, good }: Rendering) {
    const known = good ?? this.#good.get(object.uid)
    if (known === undefined || state.kind === 'stalled') return readInventory(statusOf(object))
    return this.#options.publications.publish(object, artifactName, known.published)
  }

  async #finalize(
    key: string,
    object: ApiObject,
    release: ModelRelease | Fault
  ): Promise<undefined> {
    if (!isFinalizedHere(object)) return
    const name = release instanceof Fault ? undefined : release.artifactName
    await this.#options.publications.remove(object, name)
    await removeFinalizer(this.#options.client, object)
    this.#forget(key)
  }

  #forget(key: string): void {
    const uid = this.#uids.get(key)
    this.#uids.delete(key)
    if (uid === undefined) return
    this.#good.delete(uid)
    this.#options.publications.forget(uid)
    this.#options.renderings.forget(uid)
    this.#options.ownWrites.forget(uid)
  }
}

function readOrFault(object: ApiObject): ModelRelease | Fault {
  try {
    return readModelRelease(object)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}
