import { Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { schemaFindings } from './json-schema/validate.ts'

/** A `values.schema.json` and its file name in messages. */
export interface ValuesSchema {
  readonly file: string
  readonly schema: JsonObject
}

const maxFindings = 10

/**
 * Validates values against a JSON Schema. The schema is untrusted: regular expressions run in linear
 * time, validation runs in bounded time, and nothing is fetched.
 *
 * @throws {Fault} `VALUES_SCHEMA_INVALID` for an invalid schema, `VALUES_INVALID` with the findings
 *   (at most ten) by path, without values
 */
export async function validateValues({ file, schema }: ValuesSchema, values: JsonObject) {
  const findings = await inFile(file, () => schemaFindings(schema, values))
  if (findings.length === 0) return
  const lines = new Set(findings.map(({ path, demand }) => `.Values${path} ${demand}`))
  const rest = lines.size - maxFindings
  throw new Fault('VALUES_INVALID', 'the values do not match the schema', {
    where: file,
    found: [...lines].slice(0, maxFindings).join('; ') + (rest > 0 ? `; and ${rest} more` : '')
  })
}

/** Adds the file to a fault of `action` that has no place. */
export async function inFile<Result>(
  where: string,
  action: () => Promise<Result>
): Promise<Result> {
  try {
    return await action()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new Fault(error.code, error.message, { where, ...error.details })
  }
}
