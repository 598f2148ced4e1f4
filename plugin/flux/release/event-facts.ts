import { isJsonObject, member, stringMember } from '../../../common/json.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { externalArtifacts } from '../resources.ts'

/** The content of an event about a release. */
export interface EventContent {
  /** The published revision. */
  readonly revision?: string
  /** The revision of the source's origin. */
  readonly originRevision: string | undefined
  /** For Providers for commit status and generic ones only: the commit changed nothing that a chat needs. */
  readonly isCommitStatusOnly: boolean
}

/** Prefix of annotations that are added to events: RFC-0008 of Flux. */
const eventPrefix = 'event.toolkit.fluxcd.io/'

/**
 * The metadata of an event for notification-controller 1.9 (internal/server/event_handlers.go, and
 * fluxcd/pkg apis/event/v1beta1/metadata.go):
 * - without `commit` or `commit_status: update`, a Provider for commit status drops everything but
 *   failures; with the latter, all other Providers except generic ones drop the event
 * - `token` distinguishes events with the same text, which would be duplicates within five minutes. It is
 *   the resource version of the release, so an event that is sent again after a crash has the same token
 * - annotations of the release that start with `event.toolkit.fluxcd.io/`, as in Flux's own controllers
 */
export function eventFacts(
  release: ApiObject,
  { revision, originRevision, isCommitStatusOnly }: EventContent
): Readonly<Record<string, string>> {
  const commit = isCommitStatusOnly ? undefined : commitOf(release, originRevision ?? '')
  const ours = {
    revision,
    originRevision,
    commit_status: isCommitStatusOnly ? 'update' : undefined,
    token: release.resourceVersion
  }
  return Object.fromEntries([
    ...(commit === undefined ? [] : [[`${eventPrefix}commit`, commit]]),
    ...annotations(release),
    ...Object.entries(ours)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [`${externalArtifacts.group}/${key}`, value])
  ]) as Readonly<Record<string, string>>
}

/** The Git commit in a revision. A sha256 of another source than Git is a checksum of files. */
function commitOf({ body }: ApiObject, originRevision: string): string | undefined {
  const isGit = stringMember(member(member(body, 'spec'), 'sourceRef'), 'kind') === 'GitRepository'
  const [, sha1, sha256] =
    /(?:^|@)(?:sha1:([0-9a-f]{40})|sha256:([0-9a-f]{64}))$/.exec(originRevision) ?? []
  return sha1 ?? (isGit ? sha256 : undefined)
}

function annotations({ body }: ApiObject): readonly (readonly [string, string])[] {
  const all = member(member(body, 'metadata'), 'annotations')
  if (!isJsonObject(all)) return []
  return Object.entries(all).filter(
    (entry): entry is [string, string] =>
      entry[0].startsWith(eventPrefix) && typeof entry[1] === 'string'
  )
}
