import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { Schema } from './schema.ts'

/** A path at which the value does not match the schema, and the demand there. Has no values. */
export interface Finding {
  /** `.a.b.0` */
  readonly path: string
  readonly demand: string
}

/** The result of a schema for a value. */
export interface SchemaResult {
  readonly findings: Finding[]
  /** Members and items that a keyword of a matching schema evaluated, for `unevaluated…`. */
  readonly seen: Set<string | number>
}

/** The validation of one value against one document. */
export interface SchemaRun {
  apply(schema: Schema, value: JsonValue, path: string): SchemaResult
  /** The target of a reference in `from`. */
  resolve(reference: string, from: JsonObject): Schema
  /** Whether a pattern of the document occurs in a text; takes time linear in the text's length. */
  isFound(pattern: string, text: string): boolean
}

/** One schema applied to one value. */
export interface Application {
  readonly schema: JsonObject
  readonly value: JsonValue
  readonly path: string
  readonly result: SchemaResult
  readonly run: SchemaRun
}

/** Evaluates a JSON Schema keyword. */
export type Keyword = (argument: JsonValue, application: Application) => void

/** Adds the result of another schema for the same value: its findings and what it evaluated. */
export function adopt({ result }: Application, inner: SchemaResult): void {
  addFindings(result, inner)
  for (const name of inner.seen) result.seen.add(name)
}

/** Adds the findings of a schema for a part of the value. Spreading them could exceed the stack. */
export function addFindings({ findings }: SchemaResult, inner: SchemaResult): void {
  for (const finding of inner.findings) findings.push(finding)
}

/** Whether a value matched. */
export function fits({ findings }: SchemaResult): boolean {
  return findings.length === 0
}

/** Adds a finding. */
export function fail({ result, path }: Application, demand: string): void {
  result.findings.push({ path, demand })
}
