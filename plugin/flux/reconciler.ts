import { Fault } from '../../common/fault.ts'
import { member, stringMember } from '../../common/json.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import type { OwnWrites } from '../../service/kubernetes/own-writes.ts'
import type { Attempts } from './release/attempt.ts'
import type { Attempted, LastGood } from './release/attempted.ts'
import { addFinalizer, isFinalizedHere, removeFinalizer } from './release/finalizer.ts'
import { readModelRelease } from './release/model-release.ts'
import type { ModelRelease } from './release/model-release.ts'
import type { Outcome } from './release/outcome.ts'
import type { Publications } from './release/publication.ts'
import { statusOf } from './release/reporter.ts'
import type { Reporter } from './release/reporter.ts'
import { readInventory } from './release/status.ts'

/** What a reconciler works with. */
export interface ReconcilerOptions {
  readonly client: ApiClient
  readonly attempts: Attempts
  readonly publications: Publications
  readonly reporter: Reporter
  /** Of ModelReleases. */
  readonly ownWrites: OwnWrites
  /** A ModelRelease as it was last heard of. */
  readonly find: (namespace: string, name: string) => ApiObject | undefined
  /** Has a release looked at again. */
  readonly again: (key: string) => void
  /** In [0, 1). */
  readonly random: () => number
}

/** Brings what is published of a release in line with it. */
export class Reconciler {
  readonly #options: ReconcilerOptions
  /** What is published, by the release's UID; lost with the process, and made again. */
  readonly #good = new Map<string, LastGood>()
  /** Of releases that were looked at, by their keys: what is known goes by the UID. */
  readonly #uids = new Map<string, string>()

  constructor(options: ReconcilerOptions) {
    this.#options = options
  }

  /** Digests of what was made here and is published, or is about to be. */
  get goodDigests(): readonly string[] {
    return Array.from(this.#good.values(), ({ published }) => published.digest)
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
    const heard = this.#options.find(namespace, name)
    if (heard === undefined) {
      this.#forget(key)
      return undefined
    }
    if (this.#uids.get(key) !== heard.uid) this.#forget(key)
    this.#uids.set(key, heard.uid)
    const object = this.#options.ownWrites.newest(heard)
    const release = readOrFault(object)
    if (stringMember(member(object.body, 'metadata'), 'deletionTimestamp') !== undefined) {
      await this.#finalize(key, object, release)
      return undefined
    }
    if (release instanceof Fault) {
      const outcome: Outcome = { kind: 'stalled', reason: 'InvalidSpec', message: release.message }
      const inventory = readInventory(statusOf(object))
      const ended = { outcome, revision: undefined, originRevision: undefined, inventory }
      await this.#options.reporter.report(object, ended)
      return undefined
    }
    if (release.isSuspended) {
      const late = await this.#options.attempts.restore(object, release)
      if (late !== undefined) this.#againAfter(key, late.settled)
      return undefined
    }
    this.#options.ownWrites.add(object, await addFinalizer(this.#options.client, object))
    return this.#follow(key, object, release)
  }

  async #follow(
    key: string,
    object: ApiObject,
    release: ModelRelease
  ): Promise<number | undefined> {
    const { attempts, reporter, ownWrites, random } = this.#options
    const attempted = await attempts.attempt(object, release, this.#good.get(object.uid))
    const { outcome, good, revision, originRevision, isWorthRetrying, until } = attempted
    if (good !== undefined) this.#good.set(object.uid, good)
    const inventory = await this.#publish(ownWrites.newest(object), release, attempted)
    if (outcome.kind === 'progressing') {
      if (until !== undefined) this.#againAfter(key, until)
      return undefined
    }
    await reporter.report(object, { outcome, revision, originRevision, inventory })
    if (outcome.kind === 'failed' && isWorthRetrying) {
      throw new Fault('RELEASE_NOT_READY', `${outcome.reason}: ${outcome.message}`)
    }
    return outcome.kind === 'stalled' ? undefined : release.intervalMs * (0.95 + random() * 0.1)
  }

  #againAfter(key: string, settled: Promise<void>): void {
    void settled.then(() => {
      this.#options.again(key)
    })
  }

  /** While a render fails, the last good artifact stays, and is put right where somebody changed it. */
  async #publish(object: ApiObject, { artifactName }: ModelRelease, { outcome, good }: Attempted) {
    const known = good ?? this.#good.get(object.uid)
    if (known === undefined || outcome.kind === 'stalled') return readInventory(statusOf(object))
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
    this.#options.attempts.forget(uid)
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
