import { Fault } from '../../common/fault.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** A `values.schema.json` and the name it has in messages. */
export interface ValuesSchema {
  readonly file: string
  readonly schema: JsonObject
}

const maxFindings = 10

/**
 * Validates values against a JSON Schema (draft 7 as Helm has it, or 2019-09 and 2020-12 by
 * `$schema`). The schema is untrusted: regular expressions run in linear time and nothing is fetched.
 *
 * @throws {Fault} `VALUES_SCHEMA_INVALID` for a schema that cannot be used, `VALUES_INVALID` with
 *   every finding (at most ten), by path, without values
 */
export async function validateValues({ file, schema }: ValuesSchema, values: JsonObject) {
  const validate = await compile(file, schema)
  if (validate(toNumbers(values))) return
  const findings = (validate.errors ?? []).map(
    ({ instancePath, message }) =>
      `.Values${instancePath.replaceAll('/', '.').replaceAll('~1', '/')} ${message ?? 'is invalid'}`
  )
  throw new Fault('VALUES_INVALID', 'the values do not fit their schema', {
    where: file,
    found: [...new Set(findings)].slice(0, maxFindings).join('; ')
  })
}

async function compile(file: string, schema: JsonObject) {
  const [{ RE2JS }, ajv] = await Promise.all([import('re2js'), loadAjv(schema.$schema)])
  const regExp = Object.assign(
    (pattern: string) => {
      const compiled = RE2JS.compile(pattern)
      // ajv tells patterns apart by their text.
      return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern }
    },
    { code: 'linear' }
  )
  try {
    const options = {
      allErrors: true,
      strict: false,
      validateFormats: false,
      validateSchema: false,
      meta: false,
      code: { regExp }
    }
    return new ajv(options).compile(schema)
  } catch (error) {
    throw new Fault('VALUES_SCHEMA_INVALID', 'the schema cannot be used', {
      where: file,
      found: error instanceof Error ? error.message.slice(0, 300) : 'an unknown fault'
    })
  }
}

async function loadAjv(draft: JsonValue | undefined) {
  const name = typeof draft === 'string' ? draft : ''
  if (name.includes('2020-12')) return (await import('ajv/dist/2020.js')).Ajv2020
  if (name.includes('2019-09')) return (await import('ajv/dist/2019.js')).Ajv2019
  return (await import('ajv')).Ajv
}

/** A schema knows numbers only: big integers are compared by their nearest number. */
function toNumbers(value: JsonValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => toNumbers(item as JsonValue))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toNumbers(inner)]))
}
