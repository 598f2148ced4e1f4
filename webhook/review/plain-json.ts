import { isJsonObject } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'

/** Real objects nest about 60 levels; the API server's own limit is 10,000. */
export const maxDepth = 200
/** Short enough to hold fewer values than a body may have. */
const maxCharacters = 64 * 1024

/** A number with an exponent. A string that looks like one only costs the fast path. */
const exponent = /[:[,\s]-?[\d.]+[eE]/
/** An exponent makes no other number shorter than its digits: `1e3` is 1000. */
const leastShortened = 1_000

/**
 * Reads JSON as Go's encoder usually writes it, without examining each character. Returns undefined for
 * any other form, for more than 200 levels, and for text that is not JSON.
 *
 * JSON without white space is as long as its parsed value is when written again, plus one character for
 * each escape other than `\u`. With a duplicate member the text would be longer, because parsing drops
 * one of the two. A number that gets longer when written (`1e9`) could hide that, so where there are
 * multiples of 1,000, exponents are refused.
 */
export function readPlainJson(text: string): JsonObject | undefined {
  if (text.length > maxCharacters) return undefined
  // Go's encoder ends its output with a line feed.
  const end = text.endsWith('\n') ? text.length - 1 : text.length
  let value: JsonObject
  try {
    value = JSON.parse(text) as JsonObject
  } catch {
    return undefined
  }
  if (!isJsonObject(value)) return undefined
  const length = new WrittenLength(text).of(value, maxDepth)
  return length === end - countEscapes(text) ? value : undefined
}

/** Counts escapes that stand for one character each; NaN for any other escape, which is longer. */
function countEscapes(text: string): number {
  let escapes = 0
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at + 2)) {
    if (text[at + 1] === 'u') return NaN
    escapes += 1
  }
  return escapes
}

/** The length of what a text was parsed to, written without exponents, escapes counted as one. */
class WrittenLength {
  readonly #text: string
  #hasExponent: boolean | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** NaN when it is unknown, and for a member `__proto__`. */
  of(value: unknown, levelsLeft: number): number {
    if (typeof value === 'string') return value.length + 2
    if (typeof value === 'number') return this.#ofNumber(value)
    if (typeof value === 'object' && value !== null) return this.#ofContainer(value, levelsLeft)
    return value === false ? 5 : 4
  }

  #ofNumber(value: number): number {
    if (!Number.isSafeInteger(value)) return NaN
    const canBeShortened = value % leastShortened === 0 && value !== 0
    if (canBeShortened && (this.#hasExponent ??= exponent.test(this.#text))) return NaN
    return String(value).length
  }

  #ofContainer(value: object, levelsLeft: number): number {
    if (levelsLeft === 0) return NaN
    // Each item or member after the first has a comma before it; two more characters enclose all.
    let length = 1
    if (Array.isArray(value)) {
      for (const item of value) length += 1 + this.of(item, levelsLeft - 1)
      return value.length === 0 ? 2 : length
    }
    // A freshly parsed value inherits nothing enumerable.
    for (const key in value) {
      if (key === '__proto__') return NaN
      const child = (value as Readonly<Record<string, unknown>>)[key]
      length += key.length + 4 + this.of(child, levelsLeft - 1)
    }
    return length === 1 ? 2 : length
  }
}
