import { isJsonArray, isJsonObject } from '../json.ts'
import type { JsonObject, JsonValue } from '../json.ts'

/** What JSON and YAML may read in different ways: other characters than ASCII's printable ones, and `\u`. */
const unusual = /[^\n\r -~]|\\u/
/** Numbers with an exponent, a sign before zero or so many digits that their exactness matters. */
const inexact = /\d[eE]|-0|[\d.]{16}/
const quoted = /"(?:[^"\\]|\\.)*"/g
/** YAML readers limit the length of a key, and nesting. */
const [maxKeyCharacters, maxDepth] = [500, 100]

/**
 * Reads an object of JSON at a tenth of the cost of the YAML reader, to which it is the same value: a schema
 * is usually JSON. Undefined for anything else, for JSON with a duplicate member, and for text of which the
 * two could read something else; the YAML reader has the messages.
 */
export function readJsonText(text: string): JsonObject | undefined {
  if (!text.startsWith('{') || unusual.test(text)) return undefined
  const withoutTexts = text.replace(quoted, '')
  if (inexact.test(withoutTexts)) return undefined
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
  // Parsing drops one of two members with the same name.
  const written = withoutTexts.split(':').length - 1
  return isJsonObject(value) && membersIn(value, maxDepth) === written ? value : undefined
}

/** The number of members at all depths; NaN where the two readers could differ. */
function membersIn(value: JsonValue, depthLeft: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (depthLeft === 0) return NaN
  let members = 0
  if (isJsonArray(value)) {
    for (const item of value) members += membersIn(item, depthLeft - 1)
    return members
  }
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__' || key.length > maxKeyCharacters) return NaN
    members += 1 + membersIn(inner, depthLeft - 1)
  }
  return members
}
