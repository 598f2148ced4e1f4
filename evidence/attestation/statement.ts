import { Fault } from '../../common/fault.ts'
import { stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import type { BiasAuditSummary } from '../bias-audit/summary.ts'

/** Which object a statement is about. A name that the API server completes has `generateName`. */
export interface AttestedObject {
  readonly group: string
  readonly kind: string
  /** Empty for cluster-scoped kinds, and where the destination was not known. */
  readonly namespace: string
  readonly name?: string
  readonly generateName?: string
}

/** What a render proves about one object. */
export interface RenderFacts {
  readonly object: AttestedObject
  readonly source: {
    readonly repository?: string
    readonly commit: string
    readonly modelCommit: string
    readonly path: string
    readonly targetRevision: string
  }
  readonly environment?: string
  /** What the object runs. */
  readonly images: readonly string[]
  readonly models: readonly string[]
  /** Fields that can hide an image or a model. */
  readonly opaque: readonly string[]
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

const statementType = 'https://in-toto.io/Statement/v1'

/** The type of our predicate. */
export const predicateType = 'https://mlgitops.io/attestation/render/v1alpha1'

/** The statement of a render. Lists are sorted and unique: the order in a manifest proves nothing. */
export function buildStatement(facts: RenderFacts): Statement {
  const { group, kind, namespace, name, generateName } = facts.object
  const parts = [group, kind, namespace, name ?? `${generateName ?? ''}*`]
  return {
    _type: statementType,
    subject: [
      {
        name: parts.filter(part => part !== '').join('/'),
        digest: { gitCommit: facts.source.commit }
      }
    ],
    predicateType,
    predicate: {
      ...facts,
      images: sortedUnique(facts.images),
      models: sortedUnique(facts.models),
      opaque: sortedUnique(facts.opaque)
    }
  }
}

/** The statement's bytes: compact JSON, members in code unit order, so the same everywhere. */
export function encodeStatement(statement: Statement): Buffer {
  return Buffer.from(stringifyJson(statement as unknown as JsonObject, { sortKeys: true }))
}

/**
 * The statement that a verified payload holds.
 *
 * @throws {Fault} `ATTESTATION_INVALID` for anything but a statement of this type
 */
export function decodeStatement(payload: Uint8Array): Statement {
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch {
    throw new Fault('ATTESTATION_INVALID', 'the payload is no JSON')
  }
  const statement = parsed as Partial<Statement> | null
  if (statement?._type !== statementType || statement.predicateType !== predicateType) {
    throw new Fault('ATTESTATION_INVALID', 'the payload is no statement of a render')
  }
  return statement as Statement
}

function sortedUnique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort()
}
