import { isJsonObject, member, stringMember } from '../../../common/json.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { externalArtifacts } from '../resources.ts'

/** What an event is about, beside the release. */
export interface EventContent {
  /** What is published. */
  readonly revision?: string
  /** Of the source. */
  readonly originRevision: string | undefined
  /** Only Providers for commit status are told, and generic ones: nothing came of a commit that chats want to know. */
  readonly isCommitStatusOnly: boolean
}

/** Who adds facts by annotations: RFC-0008 of Flux. */
const anybodys = 'event.toolkit.fluxcd.io/'

/**
 * The metadata of an event for notification-controller 1.9 (internal/server/event_handlers.go, and
 * fluxcd/pkg apis/event/v1beta1/metadata.go):
 * - without `commit`, or `commit_status: update`, a Provider for commit status drops what is no failure;
 *   with the latter all others but generic ones drop it
 * - `token` tells an event from one of the same words: within five minutes it would be a duplicate. It is
 *   the version of the release, so that it is the same where the same thing is told again after a crash
 * - annotations of the release that begin with `event.toolkit.fluxcd.io/`, as Flux's own controllers do
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
    ...(commit === undefined ? [] : [[`${anybodys}commit`, commit]]),
    ...annotations(release),
    ...Object.entries(ours)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [`${externalArtifacts.group}/${key}`, value])
  ]) as Readonly<Record<string, string>>
}

/** Where it is one of Git: a sha256 may be a checksum of files too. */
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
      entry[0].startsWith(anybodys) && typeof entry[1] === 'string'
  )
}
