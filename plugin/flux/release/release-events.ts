import { member, stringMember } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { findCondition } from '../../../service/kubernetes/condition.ts'
import type { EventObject, EventRecorder } from '../../../service/kubernetes/event-recorder.ts'
import { apiVersionOf } from '../../../service/kubernetes/resource.ts'
import { externalArtifacts, modelReleases } from '../resources.ts'
import { eventFacts } from './event-facts.ts'
import type { ReleaseState } from './release-state.ts'
import { readInventory, warningsMessage, writtenWarnings } from './status.ts'
import type { InventoryEntry } from './status.ts'

/** The result of a reconciliation. */
export interface ReleaseResult {
  readonly state: ReleaseState
  /** The revision of the source; undefined: it has none. */
  readonly revision: string | undefined
  /** {@link SourceOrigin.revision}. */
  readonly originRevision: string | undefined
  readonly inventory: readonly InventoryEntry[]
}

/**
 * Sends the events of releases. An Alert of Flux cannot select a ModelRelease, so every event is about its
 * ExternalArtifact, even before that exists.
 */
export class ReleaseEvents {
  readonly #events: EventRecorder
  readonly #findArtifact: (namespace: string, name: string) => ApiObject | undefined
  /** The last failure that was not fixed, by the release's UID. */
  readonly #failures = new Map<string, string>()
  /** UIDs of releases whose new publication already has its event. */
  readonly #published = new Set<string>()

  constructor(
    events: EventRecorder,
    findArtifact: (namespace: string, name: string) => ApiObject | undefined
  ) {
    this.#events = events
    this.#findArtifact = findArtifact
  }

  /** A render starts: remembers the failure, because the new status does not show it any more. */
  started({ uid }: ApiObject, last: JsonValue | undefined): void {
    const failure = this.#failures.get(uid) ?? writtenFailure(last)
    if (failure !== undefined) this.#failures.set(uid, failure)
  }

  /** Sends the event of a new publication. */
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
   * Sends the event of a result, if it is new: each failure once for each revision, and its fix. A revision
   * that changed nothing gives an event for commit status only, because its commit waits for one.
   *
   * @param last the previous status
   */
  finished(
    object: ApiObject,
    { state, revision, ...rest }: ReleaseResult,
    last: JsonValue | undefined
  ): void {
    const { uid } = object
    if (state.kind === 'failed' || state.kind === 'stalled') {
      const failure = failureOf(revision ?? attemptedOf(last), state.message)
      const known = this.#failures.get(uid) ?? writtenFailure(last)
      this.#failures.set(uid, failure)
      if (known !== failure) this.#failed(object, state, rest.originRevision, last)
      return
    }
    if (state.kind === 'ready') this.#warned(object, state.warnings, rest.inventory, last)
    const hasEvent = this.#published.delete(uid)
    const hadFailed = this.#failures.delete(uid) || writtenFailure(last) !== undefined
    const [entry] = rest.inventory
    if (hasEvent || readyOf(last).status === 'True' || entry === undefined) return
    this.#succeeded(object, this.#artifact(object, entry.name), {
      revision: entry.revision,
      originRevision: rest.originRevision,
      isCommitStatusOnly: !hadFailed
    })
  }

  /** Drops the state of a deleted release. */
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

  /**
   * Warnings of a successful render, when they change. A Provider for commit status drops the event, which
   * names no commit.
   */
  #warned(
    release: ApiObject,
    warnings: readonly string[],
    [published]: readonly InventoryEntry[],
    last: JsonValue | undefined
  ): void {
    const message = warningsMessage(warnings)
    if (message === undefined || published === undefined || message === writtenWarnings(last))
      return
    const object = this.#artifact(release, published.name)
    const { revision } = published
    this.#events.record({
      ...{ object, inCluster: object, isWarning: false, reason: 'RenderedWithWarnings', message },
      metadata: eventFacts(release, {
        revision,
        originRevision: undefined,
        isCommitStatusOnly: false
      })
    })
  }

  #failed(
    release: ApiObject,
    { reason, message }: Extract<ReleaseState, { kind: 'failed' | 'stalled' }>,
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
