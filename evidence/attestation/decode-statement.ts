import { bound, Fault } from '../../common/fault.ts'
import { stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { EncodedObject } from '../binding/rendered-object.ts'
import { schemaErrorLines } from '../schema-error.ts'
import { validateStatement } from './statement-validator.generated.js'
import schema from './statement.schema.json' with { type: 'json' }
import { predicateType, subjectName } from './statement.ts'
import type { RenderFacts, RenderSource } from './statement.ts'

const oldPredicateType = 'https://mlgitops.io/attestation/render/v1alpha1'

/** The predicate of a statement of any version that can be read. */
export interface StatedFacts extends Omit<RenderFacts, 'source' | 'rendered'> {
  /** Absent in v1alpha1, which does not carry the object. */
  readonly rendered?: EncodedObject
  /** A statement of v1alpha1 has a digest of the model only if its bias audit names one. */
  readonly source: Omit<RenderSource, 'modelDigest'> & { readonly modelDigest?: string }
}

/** A statement that was read, and its version. */
export interface ReadStatement {
  /** v1alpha1 is read until release 0.2. */
  readonly version: 'v1alpha1' | 'v1alpha2'
  readonly facts: StatedFacts
}

/**
 * Reads the statement of a verified payload. Unknown members are ignored, as in-toto requires; an unknown
 * version is refused. Members that v1alpha1 does not have are ignored in it: nobody who signed it meant
 * them.
 *
 * @throws {Fault} `ATTESTATION_INVALID` for bytes that are not UTF-8, not JSON or not a statement of this
 * type, and for a subject that is not the object and commit of the predicate
 */
export function decodeStatement(payload: Uint8Array): ReadStatement {
  const value = parseJson(payload)
  refuseUnknownVersion(stringMember(value, 'predicateType') ?? '')
  const errors = schemaErrorLines(value, schema, validateStatement)
  if (errors.length > 0) throw invalid(errors)
  // Valid by the schema.
  const statement = value as unknown as {
    readonly predicateType: string
    readonly subject: readonly [
      { readonly name: string; readonly digest: { readonly gitCommit: string } }
    ]
    readonly predicate: StatedFacts
  }
  const { object, source } = statement.predicate
  if ((object.name === undefined) === (object.generateName === undefined)) {
    throw invalid(['predicate.object: expected either a name or a generateName'])
  }
  const [subject] = statement.subject
  if (subject.name !== subjectName(object) || subject.digest.gitCommit !== source.commit) {
    throw invalid(['subject[0]: expected the object and the commit of the predicate'])
  }
  return statement.predicateType === predicateType
    ? { version: 'v1alpha2', facts: statement.predicate }
    : { version: 'v1alpha1', facts: oldFacts(statement.predicate) }
}

function oldFacts(facts: StatedFacts): StatedFacts {
  const known = Object.entries({ ...facts, pins: [] }).filter(([member]) => !newMembers.has(member))
  return Object.fromEntries(known) as unknown as StatedFacts
}

const newMembers: ReadonlySet<string> = new Set(['registry', 'rendered'])

function refuseUnknownVersion(type: string): void {
  const known = [predicateType, oldPredicateType]
  const [family = ''] = predicateType.split(/v\w+$/)
  if (known.includes(type) || !type.startsWith(family)) return
  const version = JSON.stringify(bound(type.slice(family.length), 40))
  throw new Fault(
    'ATTESTATION_INVALID',
    `the statement has the version ${version}; this release reads v1alpha2 and v1alpha1`
  )
}

function parseJson(payload: Uint8Array): JsonValue {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload)
    return JSON.parse(text) as JsonValue
  } catch {
    throw invalid(['the document: expected JSON in UTF-8'])
  }
}

function invalid(errors: readonly string[]): Fault {
  const lines = errors.map(line => `\n  ${line}`).join('')
  return new Fault('ATTESTATION_INVALID', `the payload is not a render statement:${lines}`)
}
