import { isJsonObject } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { Application, Finding, SchemaResult, SchemaRun } from './application.ts'
import { applicators, unevaluated } from './applicators.ts'
import { assertions } from './assertions.ts'
import { invalid, SchemaDocument } from './document.ts'
import type { Schema } from './schema.ts'
import { compilePatterns } from './patterns.ts'
import type { Patterns } from './patterns.ts'

/**
 * Validates `value` against a JSON Schema, draft 7 to 2020-12; the keywords of all these drafts work in
 * each of them, and `format` is an annotation. The schema is interpreted: a render validates once, and
 * compiling the schema would take longer (docs/decisions/0002-values-schema.md).
 *
 * @throws {Fault} `VALUES_SCHEMA_INVALID` for an invalid schema, or one that takes too many steps
 */
export async function schemaFindings(
  schema: JsonObject,
  value: JsonValue
): Promise<readonly Finding[]> {
  const document = new SchemaDocument(schema)
  const run = new Run(document, await compilePatterns(document.patterns))
  return run.apply(schema, value, '').findings
}

const maxApplications = 200_000
const maxDepth = 300
const order = [assertions, applicators, unevaluated]

/** The validation of values against one document. */
export class Run implements SchemaRun {
  readonly #document: SchemaDocument
  readonly #patterns: Patterns
  #applications = 0
  #depth = 0

  constructor(document: SchemaDocument, patterns: Patterns) {
    this.#document = document
    this.#patterns = patterns
  }

  apply(schema: Schema, value: JsonValue, path: string): SchemaResult {
    const result: SchemaResult = { findings: [], seen: new Set() }
    if (schema === false) result.findings.push({ path, demand: 'is not allowed' })
    if (!isJsonObject(schema)) return result
    if (++this.#applications > maxApplications) throw invalid('validation takes too many steps')
    if (++this.#depth > maxDepth)
      throw invalid('schemas are nested too deeply, or refer to themselves without end')
    const application: Application = { schema, value, path, result, run: this }
    for (const table of order) {
      for (const [keyword, argument] of Object.entries(schema)) {
        if (Object.hasOwn(table, keyword)) table[keyword]?.(argument, application)
      }
    }
    this.#depth--
    return result
  }

  resolve(reference: string, from: JsonObject): Schema {
    return this.#document.resolve(reference, from)
  }

  isFound(pattern: string, text: string): boolean {
    return this.#patterns.get(pattern)?.(text) === true
  }
}
