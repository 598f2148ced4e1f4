import { bound, listNames } from '../common/fault.ts'
import { isJsonObject, kindOf, member, stringMember } from '../common/json.ts'
import type { JsonObject, JsonValue } from '../common/json.ts'

/** An error as validators that ajv generates report it. */
export interface SchemaError {
  /** JSON Pointer into the value. */
  readonly instancePath: string
  readonly keyword: string
  readonly params: {
    /** Of `additionalProperties`. */
    readonly additionalProperty?: string
    /** Of `required`. */
    readonly missingProperty?: string
  }
}

/** A validator that ajv generated; the errors of the last call stay on it. */
export interface SchemaValidator {
  (value: unknown): boolean
  errors?: readonly SchemaError[] | null
}

const maxListed = 10
const maxNames = 16

/**
 * What keeps `value` from being what `schema` describes: one line a field, at most ten and the number
 * of the rest; empty when it is valid. Lines name the field, what the schema's `title` says of it and
 * what kind of value was found; they show no value.
 */
export function schemaErrorLines(
  value: JsonValue,
  schema: JsonObject,
  validate: SchemaValidator
): readonly string[] {
  if (validate(value)) return []
  // An `if` only says that what follows from it is wrong, which has an error of its own.
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if')
  const lines = new Set(errors.map(error => describeError(value, schema, error)))
  const listed = [...lines].slice(0, maxListed)
  if (lines.size > maxListed) listed.push(`and ${lines.size - maxListed} more`)
  return listed
}

function describeError(value: JsonValue, schema: JsonObject, error: SchemaError): string {
  const { keyword, params } = error
  const segments = error.instancePath.split('/').slice(1)
  if (keyword === 'additionalProperties') {
    const field = fieldText([...segments, bound(params.additionalProperty ?? '', 80)])
    const known = member(schemaAt(schema, segments), 'properties')
    const names = isJsonObject(known) ? Object.keys(known) : []
    return `${field}: not a known field; known are ${listNames(names, maxNames)}`
  }
  if (keyword === 'required') segments.push(params.missingProperty ?? '')
  const expected = stringMember(schemaAt(schema, segments), 'title') ?? 'another value'
  return `${fieldText(segments)}: expected ${expected}, found ${kindOf(valueAt(value, segments))}`
}

/** The part of `schema` for a place in the value; a title beside a reference wins over its target's. */
function schemaAt(schema: JsonObject, segments: readonly string[]): JsonValue | undefined {
  let node = resolved(schema, schema)
  for (const segment of segments) {
    node = resolved(schema, member(member(node, 'properties'), segment) ?? member(node, 'items'))
  }
  return node
}

function resolved(schema: JsonObject, node: JsonValue | undefined): JsonValue | undefined {
  const reference = stringMember(node, '$ref')
  if (reference === undefined || !isJsonObject(node)) return node
  const target = member(member(schema, '$defs'), reference.replace('#/$defs/', ''))
  return isJsonObject(target) ? { ...target, ...node } : node
}

function valueAt(value: JsonValue, segments: readonly string[]): JsonValue | undefined {
  let node: JsonValue | undefined = value
  for (const segment of segments) {
    node = Array.isArray(node) ? (node[Number(segment)] as JsonValue) : member(node, segment)
  }
  return node
}

function fieldText(segments: readonly string[]): string {
  if (segments.length === 0) return 'the document'
  return segments
    .map((segment, index) => {
      if (/^\d+$/.test(segment)) return `[${segment}]`
      return index === 0 ? segment : `.${segment}`
    })
    .join('')
}
