import { member, stringMember } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { findCondition } from '../../../service/kubernetes/condition.ts'
import type { EventObject, EventRecorder } from '../../../service/kubernetes/event-recorder.ts'
import { apiVersionOf } from '../../../service/kubernetes/resource.ts'
import { externalArtifacts, modelReleases } from '../resources.ts'
import { eventFacts } from './event-facts.ts'
import type { Outcome } from './outcome.ts'
import { readInventory } from './status.ts'
import type { InventoryEntry } from './status.ts'

/** How a release came out. */
export interface Ended {
  readonly outcome: Outcome
  /** The revision of the source; undefined: there was none. */
  readonly revision: string | undefined
  /** The same in the words of the source's own source, as {@link SourceOrigin} has it. */
  readonly originRevision: string | undefined
  readonly inventory: readonly InventoryEntry[]
}

/**
 * Tells of releases by events. Alerts of Flux know no ModelRelease: what is told is told of the
 * ExternalArtifact, also where there is none yet.
 */
export class Announcements {
  readonly #events: EventRecorder
  readonly #findArtifact: (namespace: string, name: string) => ApiObject | undefined
  /** By the release's UID: what failed, and was not mended. */
  readonly #failures = new Map<string, string>()
  /** By the release's UID: what was just told of. */
  readonly #published = new Set<string>()

  constructor(
    events: EventRecorder,
    findArtifact: (namespace: string, name: string) => ApiObject | undefined
  ) {
    this.#events = events
    this.#findArtifact = findArtifact
  }

  /** It is worked on: its status forgets that it failed. */
  begun({ uid }: ApiObject, last: JsonValue | undefined): void {
    const failure = this.#failures.get(uid) ?? writtenFailure(last)
    if (failure !== undefined) this.#failures.set(uid, failure)
  }

  /** Something new is published. */
  published(
    object: ApiObject,
    artifact: ApiObject,
    { revision, originRevision }: InventoryEntry
  ): void {
    const { uid } = object
    this.#published.add(uid)
    this.#succeeded(object, involved(artifact, 'ExternalArtifact'), {
      ...{ revision, originRevision, isCommitStatusOnly: false }
    })
  }

  /**
   * How it came out, where that is news. A failure is told once a revision, and that it is mended. Of a
   * revision that changed nothing Providers for commit status are told: somebody may wait for them.
   *
   * @param last the status as it was
   */
  ended(
    object: ApiObject,
    { outcome, revision, ...rest }: Ended,
    last: JsonValue | undefined
  ): void {
    const { uid } = object
    if (outcome.kind === 'failed' || outcome.kind === 'stalled') {
      const failure = failureOf(revision ?? attemptedOf(last), outcome.message)
      const known = this.#failures.get(uid) ?? writtenFailure(last)
      this.#failures.set(uid, failure)
      if (known !== failure) this.#failed(object, outcome, rest.originRevision, last)
      return
    }
    const isTold = this.#published.delete(uid)
    const hadFailed = this.#failures.delete(uid) || writtenFailure(last) !== undefined
    const [entry] = rest.inventory
    if (isTold || readyOf(last).status === 'True' || entry === undefined) return
    this.#succeeded(object, this.#artifact(object, entry.name), {
      revision: entry.revision,
      originRevision: rest.originRevision,
      isCommitStatusOnly: !hadFailed
    })
  }

  /** A release is gone. */
  forget(uid: string): void {
    this.#failures.delete(uid)
    this.#published.delete(uid)
  }

  #succeeded(
    release: ApiObject,
    object: EventObject,
    content: Parameters<typeof eventFacts>[1] & { readonly revision: string }
  ): void {
    this.#events.record({
      object,
      inCluster: content.isCommitStatusOnly ? undefined : object,
      isWarning: false,
      reason: 'Succeeded',
      message: `stored artifact for revision ${content.revision}`,
      metadata: eventFacts(release, content)
    })
  }

  #failed(
    release: ApiObject,
    { reason, message }: Extract<Outcome, { kind: 'failed' | 'stalled' }>,
    originRevision: string | undefined,
    last: JsonValue | undefined
  ): void {
    const [published] = readInventory(last)
    const wanted = stringMember(member(release.body, 'spec'), 'artifactName') ?? release.name
    const object = this.#artifact(release, published?.name ?? wanted)
    this.#events.record({
      object,
      inCluster: object.uid === undefined ? involved(release, 'ModelRelease') : object,
      isWarning: true,
      ...{ reason, message },
      metadata: eventFacts(release, { originRevision, isCommitStatusOnly: false })
    })
  }

  #artifact({ namespace }: ApiObject, name: string): EventObject {
    const artifact = this.#findArtifact(namespace, name)
    if (artifact !== undefined) return involved(artifact, 'ExternalArtifact')
    return {
      apiVersion: apiVersionOf(externalArtifacts),
      ...{ kind: 'ExternalArtifact', namespace, name }
    }
  }
}

function involved(
  { namespace, name, uid }: ApiObject,
  kind: 'ExternalArtifact' | 'ModelRelease'
): EventObject {
  const resource = kind === 'ModelRelease' ? modelReleases : externalArtifacts
  return { apiVersion: apiVersionOf(resource), kind, namespace, name, uid }
}

function failureOf(revision: string | undefined, message: string | undefined): string {
  return `${revision ?? ''}\n${message ?? ''}`
}

function writtenFailure(status: JsonValue | undefined): string | undefined {
  const ready = readyOf(status)
  return ready.status === 'False' ? failureOf(attemptedOf(status), ready.message) : undefined
}

function attemptedOf(status: JsonValue | undefined): string | undefined {
  return stringMember(status, 'lastAttemptedRevision')
}

function readyOf(status: JsonValue | undefined) {
  const ready = findCondition(member(status, 'conditions'), 'Ready')
  return { status: stringMember(ready, 'status'), message: stringMember(ready, 'message') }
}
