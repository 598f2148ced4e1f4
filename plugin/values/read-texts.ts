import { isExactDecimal } from '../../common/exact-decimal.ts'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'
import { locateYaml } from '../../common/yaml/read.ts'
import type { Assignment } from './assignment.ts'
import { SchemaDocument } from './json-schema/document.ts'
import { compilePatterns } from './json-schema/patterns.ts'
import type { Schema } from './json-schema/schema.ts'
import { schemasBelow, typesOf } from './json-schema/subschemas.ts'
import { Run } from './json-schema/validate.ts'
import { inFile } from './schema.ts'
import type { ValuesSchema } from './schema.ts'

/**
 * Reads values that were set as text as the types that the schemas give them; of several schemas the last
 * one with a type counts. A text that does not fit stays a string, which the schema then refuses, and so
 * does one that the schemas give no type.
 *
 * @throws {Fault} `VALUES_SCHEMA_INVALID`, and `YAML_INVALID` for JSON with a number that would lose digits
 */
export async function readTexts(
  assignments: readonly Assignment[],
  schemas: readonly ValuesSchema[]
): Promise<readonly Assignment[]> {
  if (assignments.length === 0) return assignments
  let typed = assignments
  for (const { file, schema } of schemas) {
    typed = await inFile(file, async () => {
      const document = new SchemaDocument(schema)
      const patterns = await compilePatterns(document.patterns)
      return typed.map(assignment => {
        // A run has a limit of steps, which is for one value.
        const run = new Run(document, patterns)
        const at = assignment.keys.reduce<readonly Schema[]>(
          (above, key) => schemasBelow(above, key, run),
          [schema]
        )
        return { ...assignment, value: readAssignment(assignment, at, run) }
      })
    })
  }
  return typed
}

function readAssignment(
  { text, value, where }: Assignment,
  schemas: readonly Schema[],
  run: Run
): JsonValue {
  try {
    return readAs(schemas, text, value, run)
  } catch (error) {
    // Faults of the schema have no place yet; those of JSON have one in the text.
    if (!(error instanceof Fault) || error.details.where === undefined) throw error
    throw new Fault(error.code, error.message, { ...error.details, where })
  }
}

function readAs(
  schemas: readonly Schema[],
  text: JsonValue,
  value: JsonValue,
  run: Run
): JsonValue {
  if (typeof text === 'string') return readText(schemas, text, value, run)
  if (isJsonArray(text) && isJsonArray(value)) {
    return text.map((item, index) =>
      readAs(schemasBelow(schemas, index, run), item, value[index] ?? null, run)
    )
  }
  if (!isJsonObject(text) || !isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(text).map(([key, item]) => [
      key,
      readAs(schemasBelow(schemas, key, run), item, value[key] ?? null, run)
    ])
  )
}

function readText(schemas: readonly Schema[], text: string, value: JsonValue, run: Run): JsonValue {
  const types = typesOf(schemas, run)
  if (types.size === 0) return value
  const readings = readingsOf(text, types)
  const fits = (reading: JsonValue) =>
    schemas.every(schema => run.apply(schema, reading, '').findings.length === 0)
  return readings.length === 0 ? text : (readings.find(fits) ?? readings[0] ?? null)
}

const integer = /^-?(?:0|[1-9][0-9]{0,18})$/
const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/

/** What a text can mean, by types; a string comes last. Numbers keep their digits. */
function readingsOf(text: string, types: ReadonlySet<string>): readonly JsonValue[] {
  const readings: JsonValue[] = []
  if (types.has('boolean') && /^(?:true|false)$/.test(text)) readings.push(text === 'true')
  if (types.has('null') && text === 'null') readings.push(null)
  const read = readNumber(text, types)
  if (read !== undefined) readings.push(read)
  const collection = { '[': 'array', '{': 'object' }[text.charAt(0)]
  if (collection !== undefined && types.has(collection)) readings.push(...readJson(text))
  if (types.has('string')) readings.push(text)
  return readings
}

function readNumber(text: string, types: ReadonlySet<string>): number | bigint | undefined {
  if (!types.has('integer') && !types.has('number')) return undefined
  if (integer.test(text)) {
    const exact = BigInt(text)
    if (BigInt.asIntN(64, exact) !== exact) return undefined
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
  }
  const isWanted = types.has('number') && number.test(text) && isExactDecimal(text)
  // Where a string is allowed too, `1.10` is one.
  return isWanted && (!types.has('string') || String(Number(text)) === text)
    ? Number(text)
    : undefined
}

function readJson(text: string): readonly JsonValue[] {
  if (tryParseJson(text) === undefined) return []
  return locateYaml(text, { file: 'text', exactNumbers: 'all' }).map(({ value }) => value)
}
