import { isJsonObject } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'

/** Real objects nest about 60 levels; the API server's own limit is 10,000. */
export const maxDepth = 200
/** Fewer than the values that any body may have. */
const maxCharacters = 64 * 1024

/**
 * Reads JSON that is written as Go writes most of it, without a look at each of its characters;
 * undefined where it is written otherwise, nests deeper than 200 levels or is no JSON.
 *
 * A text without escapes and white space is as long as what was read from it takes to write. Had a
 * member been given twice, one of the two would be lost in reading, and the text be longer. A number that
 * takes more to write than was read (`1e9`) could make up for it, so only whole ones that no exponent
 * makes shorter are taken.
 */
export function readPlainJson(text: string): JsonObject | undefined {
  if (text.length > maxCharacters || text.includes('\\')) return undefined
  let value: JsonObject
  try {
    value = JSON.parse(text) as JsonObject
  } catch {
    return undefined
  }
  return isJsonObject(value) && lengthOf(value, maxDepth) === text.length ? value : undefined
}

/** Characters of the shortest text; NaN where that is not known, and for a member `__proto__`. */
function lengthOf(value: unknown, depthLeft: number): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value === 'number') return lengthOfNumber(value)
  if (typeof value === 'object' && value !== null) return lengthOfContainer(value, depthLeft)
  return value === false ? 5 : 4
}

function lengthOfNumber(value: number): number {
  if (value === 0) return 1
  return Number.isSafeInteger(value) && value % 1_000 !== 0 ? String(value).length : NaN
}

function lengthOfContainer(value: object, depthLeft: number): number {
  if (depthLeft === 0) return NaN
  // Each item and member but the first has a comma before it, and two more characters enclose all.
  let length = 1
  if (Array.isArray(value)) {
    for (const item of value) length += 1 + lengthOf(item, depthLeft - 1)
    return value.length === 0 ? 2 : length
  }
  // What was just parsed inherits nothing that is enumerable.
  for (const key in value) {
    if (key === '__proto__') return NaN
    const child = (value as Readonly<Record<string, unknown>>)[key]
    length += key.length + 4 + lengthOf(child, depthLeft - 1)
  }
  return length === 1 ? 2 : length
}
