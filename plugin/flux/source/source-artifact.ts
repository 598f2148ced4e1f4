import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { repositoryOf } from '../../origin/repository-url.ts'
import type { Repository } from '../../context.ts'

/** `status.artifact` of a source, which is the same for every kind (fluxcd/pkg apis/meta/artifact.go). */
export interface SourceArtifact {
  readonly url: string
  readonly digest: string
  /** `main@sha1:<commit>`, `latest@sha256:<digest>`, or without the name before `@`. */
  readonly revision: string
}

/** What a source says about where its files come from. */
export interface SourceOrigin {
  /** 40 or 64 hexadecimal digits. */
  readonly commit: string
  /** As it stands in the revision: what Flux's events and commit status go by. */
  readonly revision: string
  readonly targetRevision: string
  readonly repository: Repository | undefined
}

/** The artifact of a source, or undefined where there is none (any more): then one waits. */
export function readSourceArtifact(source: JsonObject): SourceArtifact | undefined {
  const artifact = member(member(source, 'status'), 'artifact')
  const [url, digest, revision] = ['url', 'digest', 'revision'].map(key =>
    stringMember(artifact, key)
  )
  if (url === undefined || digest === undefined || revision === undefined) return undefined
  return { url, digest, revision }
}

/**
 * Which commit the files of a source are. An OCI artifact that `flux push` made says it in its metadata;
 * for other files that come from no Git the checksum of the revision stands in. Undefined where neither
 * is to be had.
 */
export function originOf(
  source: JsonObject,
  { revision }: SourceArtifact
): SourceOrigin | undefined {
  const metadata = member(member(member(source, 'status'), 'artifact'), 'metadata')
  const told = stringMember(metadata, 'org.opencontainers.image.revision')
  const from = told !== undefined && commitOf(told) !== undefined ? told : revision
  const commit = commitOf(from)
  if (commit === undefined) return undefined
  const spec = member(source, 'spec')
  const isGit = stringMember(source, 'kind') === 'GitRepository'
  const address = isGit
    ? stringMember(spec, 'url')
    : stringMember(metadata, 'org.opencontainers.image.source')
  return {
    commit,
    revision: from,
    targetRevision: isGit ? targetOf(member(spec, 'ref')) : (branchOf(from) ?? 'HEAD'),
    repository: address === undefined ? undefined : repositoryOf(address)
  }
}

/** The checksum that a revision of Flux names; undefined where there is none. */
export function commitOf(revision: string): string | undefined {
  return /(?:^|@)sha(?:1|256):([0-9a-f]{40}|[0-9a-f]{64})$/.exec(revision)?.[1]
}

function branchOf(revision: string): string | undefined {
  return /^(.+)@[^@]+$/.exec(revision)?.[1]
}

/** What a GitRepository follows; source-controller's default is the branch master. */
function targetOf(ref: JsonValue | undefined): string {
  const named = ['commit', 'name', 'semver', 'tag', 'branch'].map(key => stringMember(ref, key))
  return named.find(name => name !== undefined && name !== '') ?? 'master'
}
