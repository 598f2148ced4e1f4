import { isJsonObject } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { maxDepth, readPlainJson } from './plain-json.ts'

/** A JSON object that every parser reads alike, or why it is refused. */
export type StrictJson =
  | { readonly kind: 'object'; readonly value: JsonObject }
  | { readonly kind: 'refused'; readonly reason: string }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** 1.6 MB at the 20 bytes per value of a Pod; an object in etcd has at most 1.5 MiB. */
const maxValues = 80_000
const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c]
const [openBrace, closeBrace] = [0x7b, 0x7d]
/** The bit that distinguishes a brace from a bracket in ASCII. */
const bracketBit = 0x20

/**
 * Reads a body. Duplicate members are refused, because parsers differ on which one counts; so are
 * `__proto__`, invalid UTF-8, a byte order mark, more than 200 levels, and more than 80,000 values. The
 * worst accepted bodies take less than 0.1 s to read and judge (`npm run bench:heavy`). Linear in the
 * body's length: members are counted in the text and in the parsed value, and a duplicate makes the
 * counts differ.
 */
export function readStrictJson(body: Uint8Array): StrictJson {
  let text: string
  try {
    text = utf8.decode(body)
  } catch {
    return refused('the body is not UTF-8')
  }
  const plain = readPlainJson(text)
  return plain === undefined ? readWithSurvey(body, text) : { kind: 'object', value: plain }
}

function readWithSurvey(body: Uint8Array, text: string): StrictJson {
  const survey = surveyText(body)
  if (survey.depth > maxDepth) return refused(`the body nests deeper than ${maxDepth} levels`)
  if (survey.values > maxValues) return refused(`the body has more than ${maxValues} values`)
  let value: JsonObject
  try {
    const parsed = JSON.parse(text) as JsonObject
    if (!isJsonObject(parsed)) return refused('the body is not a JSON object')
    value = parsed
  } catch {
    return refused('the body is not JSON')
  }
  const members = countMembers(value)
  if (Number.isNaN(members)) return refused('the body has a member __proto__')
  return members === survey.members
    ? { kind: 'object', value }
    : refused('the body has an object with a duplicate member')
}

interface Survey {
  /** Colons outside of strings: the members of JSON, duplicates included. */
  readonly members: number
  readonly depth: number
  /** At least the number of values of JSON, less one. */
  readonly values: number
}

/** Stops when the text has too many values. */
function surveyText(text: Uint8Array): Survey {
  const { length } = text
  let [members, values, depth, deepest] = [0, 0, 0, 0]
  for (let at = 0; at < length && values <= maxValues; at += 1) {
    const code = text[at] ?? 0
    if (code === quote) {
      at += 1
      // Most of a body is inside quotes: call nothing in this loop.
      while (at < length && text[at] !== quote) at += text[at] === backslash ? 2 : 1
    } else if (code === colon) members += 1
    else if (code === comma) values += 1
    else if ((code | bracketBit) === openBrace) {
      values += 1
      depth += 1
      deepest = Math.max(deepest, depth)
    } else if ((code | bracketBit) === closeBrace) depth -= 1
  }
  return { members, depth: deepest, values }
}

/** Counts members at all depths; NaN for a member `__proto__`. The depth is already limited. */
function countMembers(value: object): number {
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) if (isContainer(item)) members += countMembers(item)
    return members
  }
  // A freshly parsed value inherits nothing enumerable.
  for (const key in value) {
    if (key === '__proto__') return NaN
    const child = (value as Readonly<Record<string, unknown>>)[key]
    members += isContainer(child) ? 1 + countMembers(child) : 1
  }
  return members
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function refused(reason: string): StrictJson {
  return { kind: 'refused', reason }
}
