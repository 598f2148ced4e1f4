import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { Schema } from './schema.ts'

/** Where a value does not fit, and what is asked of it there. Shows no value. */
export interface Finding {
  /** `.a.b.0` */
  readonly path: string
  readonly demand: string
}

/** What a schema says of a value. */
export interface Outcome {
  readonly findings: Finding[]
  /** Members and items that a keyword of a fitting schema looked at, for `unevaluated…`. */
  readonly seen: Set<string | number>
}

/** One value against one document. */
export interface SchemaRun {
  apply(schema: Schema, value: JsonValue, path: string): Outcome
  /** What a reference in `from` leads to. */
  resolve(reference: string, from: JsonObject): Schema
  /** Whether a pattern of the document is found in a text, in time linear in its length. */
  isFound(pattern: string, text: string): boolean
}

/** One schema applied to one value. */
export interface Application {
  readonly schema: JsonObject
  readonly value: JsonValue
  readonly path: string
  readonly outcome: Outcome
  readonly run: SchemaRun
}

/** A keyword of JSON Schema at work. */
export type Keyword = (argument: JsonValue, application: Application) => void

/** Takes over what another schema says of the same value: its findings, and what it has seen. */
export function adopt({ outcome }: Application, inner: Outcome): void {
  outcome.findings.push(...inner.findings)
  for (const name of inner.seen) outcome.seen.add(name)
}

/** Whether a value fits. */
export function fits({ findings }: Outcome): boolean {
  return findings.length === 0
}

/** Notes that the value does not fit. */
export function fail({ outcome, path }: Application, demand: string): void {
  outcome.findings.push({ path, demand })
}
