import { isJsonObject } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'

/** Real objects nest about 60 levels; the API server's own limit is 10,000. */
export const maxDepth = 200
/** Fewer than the values that any body may have. */
const maxCharacters = 64 * 1024

/** A number with an exponent, wherever it can stand; a text that looks like one does no harm. */
const exponent = /[:[,\s]-?[\d.]+[eE]/

/**
 * Reads JSON that is written as Go writes most of it, without a look at each of its characters;
 * undefined where it is written otherwise, nests deeper than 200 levels or is no JSON.
 *
 * A text without white space is as long as what was read from it takes to write, and a character more for
 * each escape but `\u`. Had a member been given twice, one of the two would be lost in reading, and the text
 * be longer. A number that takes more to write than was read (`1e9`) could make up for it, so exponents are
 * not taken.
 */
export function readPlainJson(text: string): JsonObject | undefined {
  if (text.length > maxCharacters || exponent.test(text)) return undefined
  // Go's encoder ends what it writes with a new line.
  const end = text.endsWith('\n') ? text.length - 1 : text.length
  let value: JsonObject
  try {
    value = JSON.parse(text) as JsonObject
  } catch {
    return undefined
  }
  if (!isJsonObject(value)) return undefined
  return lengthOf(value, maxDepth) === end - countEscapes(text) ? value : undefined
}

/** Escapes that stand for one character each; NaN where there is another, which has five more. */
function countEscapes(text: string): number {
  let escapes = 0
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at + 2)) {
    if (text[at + 1] === 'u') return NaN
    escapes += 1
  }
  return escapes
}

/**
 * Characters of the shortest text without exponents, escapes as one; NaN where that is not known, and for
 * a member `__proto__`.
 */
function lengthOf(value: unknown, depthLeft: number): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value).length : NaN
  if (typeof value === 'object' && value !== null) return lengthOfContainer(value, depthLeft)
  return value === false ? 5 : 4
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
