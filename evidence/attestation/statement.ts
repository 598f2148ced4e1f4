import { stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import type { BiasAuditSummary } from '../bias-audit/summary.ts'

/** The object of a statement. An object with a generated name has `generateName`. */
export interface AttestedObject {
  readonly group: string
  readonly kind: string
  /** Empty for cluster-scoped kinds, and when the destination was unknown. */
  readonly namespace: string
  readonly name?: string
  readonly generateName?: string
}

/** The predicate: what a render proves about one object. */
export interface RenderFacts {
  readonly object: AttestedObject
  readonly source: {
    readonly repository?: string
    readonly commit: string
    readonly modelCommit: string
    /** Digest of the model's files, `sha256:` and 64 digits. Only if the bias audit names a digest. */
    readonly modelDigest?: string
    /** The model of the application path. The bias audit must be of this model. */
    readonly model?: string
    readonly path: string
    readonly targetRevision: string
  }
  readonly environment?: string
  /** Images that the object runs. */
  readonly images: readonly string[]
  readonly models: readonly string[]
  /** Fields that can hide an image or a model, each with the digest of its content. */
  readonly opaque: readonly {
    readonly field: string
    readonly digest: { readonly sha256: string }
  }[]
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
export const predicateType = 'https://mlgitops.io/attestation/render/v1alpha1'

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
