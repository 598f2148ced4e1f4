import type { JsonValue } from './json.ts'

const longInteger = /\d{16}/
const wholeNumber = /^-?\d+$/

type Reviver = (
  this: unknown,
  key: string,
  value: JsonValue,
  context?: { readonly source?: string }
) => JsonValue

/** Keeps whole numbers that a JavaScript number cannot represent, as `bigint` of their text. */
const keepIntegers: Reviver = (_, value, context) => {
  const source = context?.source
  const isInexact = typeof value === 'number' && !Number.isSafeInteger(value)
  return isInexact && source !== undefined && wholeNumber.test(source) ? BigInt(source) : value
}

/**
 * Parses strict JSON with whole numbers beyond 2^53 as `bigint`, so that identifiers and INT64 survive.
 *
 * @throws {SyntaxError} when `text` is not JSON; `NaN` and `Infinity` are not
 */
export function parseJson(text: string): JsonValue {
  return JSON.parse(text, longInteger.test(text) ? keepIntegers : undefined) as JsonValue
}

/**
 * Parses JSON; undefined when `text` is not JSON. Whole numbers beyond 2^53 lose digits: use
 * {@link parseJson} where they matter.
 */
export function tryParseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

/** Parses JSON as {@link parseJson}; undefined when `text` is not JSON. */
export function tryParseExactJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
