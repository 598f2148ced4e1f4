import { stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import type { BiasAuditSummary } from '../bias-audit/summary.ts'
import type { EncodedObject } from '../binding/rendered-object.ts'

/** The object of a statement. An object with a generated name has `generateName`. */
export interface AttestedObject {
  readonly group: string
  readonly kind: string
  /** Empty for cluster-scoped kinds, and when the destination was unknown. */
  readonly namespace: string
  readonly name?: string
  readonly generateName?: string
}

/** Where a rendered object comes from. */
export interface RenderSource {
  /** URL without user and password. */
  readonly repository?: string
  /** The commit that was rendered. */
  readonly commit: string
  /** The oldest commit with this content of the model's sources. Absent: the history is too short to know. */
  readonly modelCommit?: string
  /** Digest of the model's sources: `sha256:` and 64 lowercase hexadecimal digits. */
  readonly modelDigest: string
  /** The name of the model, which a bias audit must have. */
  readonly model?: string
  /** The application path in the repository. */
  readonly path: string
  readonly targetRevision: string
  /** When the rendered commit was committed: RFC 3339, in UTC. */
  readonly committedAt?: string
}

/** An image tag, or a segment of a model URI, that looks like a commit, and what Git's history says about it. */
export interface CommitPin {
  /** The tag or segment: a whole commit, or its first 7 or more digits. */
  readonly tag: string
  /** The commit that the tag names. Absent: none, or several. */
  readonly commit?: string
  /** True if the commit is in the history of the rendered commit, or is the rendered commit. */
  readonly isAncestor: boolean
  /** True if the model's sources in that commit are those of the rendered commit. */
  readonly sameSources: boolean
}

/** An entry of a model registry, such as a RegisteredModel: it runs nothing and names a model. */
export interface RegistryEntry {
  /** Digest of the whole `spec`, as `digestSpec` computes it. */
  readonly spec: { readonly sha256: string }
  /** Field paths of the model URIs: `spec.artifactPath`. */
  readonly uris: readonly string[]
}

/** The predicate: what a render proves about one object. */
export interface RenderFacts {
  readonly object: AttestedObject
  /** The object as it was rendered, without `metadata` and `status`. */
  readonly rendered: EncodedObject
  readonly source: RenderSource
  readonly environment?: string
  /** Images that the object runs. */
  readonly images: readonly string[]
  /** URIs of models that the object loads or, in a registry, names. */
  readonly models: readonly string[]
  /** Tags of these images, and segments of these URIs, that look like commits. Each occurs once. */
  readonly pins: readonly CommitPin[]
  /** Fields that can hide an image or a model, each with the digest of its content. */
  readonly opaque: readonly {
    readonly field: string
    readonly digest: { readonly sha256: string }
  }[]
  readonly registry?: RegistryEntry
  readonly evidence: readonly {
    readonly path: string
    readonly digest: { readonly sha256: string }
  }[]
  readonly biasAudit?: BiasAuditSummary
}

/** An in-toto Statement, version 1, whose predicate is {@link RenderFacts}. */
export interface Statement {
  readonly _type: typeof statementType
  readonly subject: readonly [
    { readonly name: string; readonly digest: { readonly gitCommit: string } }
  ]
  readonly predicateType: typeof predicateType
  readonly predicate: RenderFacts
}

/** The type of an in-toto attestation statement, version 1. */
export const statementType = 'https://in-toto.io/Statement/v1'

/** The type of our predicate. */
export const predicateType = 'https://mlgitops.io/attestation/render/v1alpha2'

/** Builds the statement of a render. Lists are sorted and unique: the order in a manifest proves nothing. */
export function buildStatement(facts: RenderFacts): Statement {
  return {
    _type: statementType,
    subject: [{ name: subjectName(facts.object), digest: { gitCommit: facts.source.commit } }],
    predicateType,
    predicate: {
      ...facts,
      images: sortedUnique(facts.images),
      models: sortedUnique(facts.models),
      pins: facts.pins.toSorted((a, b) => (a.tag < b.tag ? -1 : 1)),
      opaque: facts.opaque.toSorted((a, b) => (a.field < b.field ? -1 : 1)),
      evidence: facts.evidence.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    }
  }
}

/** Encodes a statement: compact JSON with members in code unit order, so the same bytes everywhere. */
export function encodeStatement(statement: Statement): Buffer {
  return Buffer.from(stringifyJson(statement as unknown as JsonObject, { sortKeys: true }))
}

/** Returns an object's name as a subject: `batch/Job/ml-staging/train-x`, with `*` for a generated part. */
export function subjectName({
  group,
  kind,
  namespace,
  name,
  generateName
}: AttestedObject): string {
  const parts = [group, kind, namespace, name ?? `${generateName ?? ''}*`]
  return parts.filter(part => part !== '').join('/')
}

function sortedUnique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort()
}
