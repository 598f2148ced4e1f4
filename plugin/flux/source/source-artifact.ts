import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { repositoryOf } from '../../origin/repository-url.ts'
import type { Repository } from '../../context.ts'

/** `status.artifact` of a source, the same for every kind (fluxcd/pkg apis/meta/artifact.go). */
export interface SourceArtifact {
  readonly url: string
  readonly digest: string
  /** `main@sha1:<commit>`, `latest@sha256:<digest>`, or without the name before `@`. */
  readonly revision: string
}

/** Where the files of a source come from, according to the source. */
export interface SourceOrigin {
  /** 40 or 64 hexadecimal digits. */
  readonly commit: string
  /** The revision that names the commit. Flux's events and commit status use it. */
  readonly revision: string
  readonly targetRevision: string
  readonly repository: Repository | undefined
}

/** Reads the artifact of a source; undefined if it has none (any more), which is waited for. */
export function readSourceArtifact(source: JsonObject): SourceArtifact | undefined {
  const artifact = member(member(source, 'status'), 'artifact')
  const [url, digest, revision] = ['url', 'digest', 'revision'].map(key =>
    stringMember(artifact, key)
  )
  if (url === undefined || digest === undefined || revision === undefined) return undefined
  return { url, digest, revision }
}

/**
 * Finds the commit of a source's files. An OCI artifact of `flux push` names it in its metadata; for other
 * files that do not come from Git, the checksum in the revision is used. Undefined if there is neither.
 */
export function originOf(
  source: JsonObject,
  { revision }: SourceArtifact
): SourceOrigin | undefined {
  const metadata = member(member(member(source, 'status'), 'artifact'), 'metadata')
  const pushed = stringMember(metadata, 'org.opencontainers.image.revision')
  const origin = pushed !== undefined && commitOf(pushed) !== undefined ? pushed : revision
  const commit = commitOf(origin)
  if (commit === undefined) return undefined
  const spec = member(source, 'spec')
  const isGit = stringMember(source, 'kind') === 'GitRepository'
  const address = isGit
    ? stringMember(spec, 'url')
    : stringMember(metadata, 'org.opencontainers.image.source')
  return {
    commit,
    revision: origin,
    targetRevision: isGit ? targetOf(member(spec, 'ref')) : (branchOf(origin) ?? 'HEAD'),
    repository: address === undefined ? undefined : repositoryOf(address)
  }
}

/** The checksum in a revision of Flux; undefined if it has none. */
export function commitOf(revision: string): string | undefined {
  return /(?:^|@)sha(?:1|256):([0-9a-f]{40}|[0-9a-f]{64})$/.exec(revision)?.[1]
}

function branchOf(revision: string): string | undefined {
  return /^(.+)@[^@]+$/.exec(revision)?.[1]
}

/** The reference that a GitRepository tracks; source-controller's default is the branch master. */
function targetOf(ref: JsonValue | undefined): string {
  const named = ['commit', 'name', 'semver', 'tag', 'branch'].map(key => stringMember(ref, key))
  return named.find(name => name !== undefined && name !== '') ?? 'master'
}
