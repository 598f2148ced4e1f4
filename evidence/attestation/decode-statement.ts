import { Fault } from '../../common/fault.ts'
import type { JsonValue } from '../../common/json.ts'
import { schemaErrorLines } from '../schema-error.ts'
import { validateStatement } from './statement-validator.generated.js'
import schema from './statement.schema.json' with { type: 'json' }
import { subjectName } from './statement.ts'
import type { Statement } from './statement.ts'

/**
 * Reads the statement of a verified payload. Unknown members are ignored, as in-toto requires, so that
 * an older verifier can read a newer statement.
 *
 * @throws {Fault} `ATTESTATION_INVALID` for bytes that are not UTF-8, not JSON or not a statement of this
 * type, and for a subject that is not the object and commit of the predicate
 */
export function decodeStatement(payload: Uint8Array): Statement {
  const value = parseJson(payload)
  const errors = schemaErrorLines(value, schema, validateStatement)
  if (errors.length > 0) throw invalid(errors)
  // Valid by the schema.
  const statement = value as unknown as Statement
  const { object, source } = statement.predicate
  if ((object.name === undefined) === (object.generateName === undefined)) {
    throw invalid(['predicate.object: expected either a name or a generateName'])
  }
  const [subject] = statement.subject
  if (subject.name !== subjectName(object) || subject.digest.gitCommit !== source.commit) {
    throw invalid(['subject[0]: expected the object and the commit of the predicate'])
  }
  return statement
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
