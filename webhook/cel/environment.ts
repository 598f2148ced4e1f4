import { celEnv, celFunc, celMethod, CelScalar, listType, mapType } from '@bufbuild/cel'
import type { CelMap } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { RE2JS } from 're2js'
import { parseQuantity } from '../../evidence/quantity.ts'
import { isInt64 } from './value.ts'

/** Longest regular expression, in characters. */
export const maxPatternCharacters = 512

const maxCachedPatterns = 256
const cachedPatterns = new Map<string, RE2JS>()

/**
 * Compiles a regular expression with RE2, which matches in time linear in the text.
 *
 * @throws {Error} for a pattern that is too long or that RE2 does not support
 */
export function compilePattern(pattern: string): RE2JS {
  if (pattern.length > maxPatternCharacters) {
    throw new Error(`a regular expression has at most ${maxPatternCharacters} characters`)
  }
  const cached = cachedPatterns.get(pattern)
  if (cached !== undefined) return cached
  const compiled = RE2JS.compile(pattern)
  if (cachedPatterns.size >= maxCachedPatterns) cachedPatterns.clear()
  cachedPatterns.set(pattern, compiled)
  return compiled
}

const { BOOL, DOUBLE, INT, STRING, DYN } = CelScalar
// A quantity is a map of one member, so that == compares its value.
const quantityType = mapType(STRING, DYN)
const quantityKey = 'billionths'

function readQuantity(text: string): Map<string, string> {
  const billionths = parseQuantity(text)
  if (billionths === undefined) throw new Error('the text is not a quantity')
  return new Map([[quantityKey, billionths.toString()]])
}

function billionthsOf(quantity: CelMap): bigint {
  const text = quantity.size === 1 ? quantity.get(quantityKey) : undefined
  if (typeof text === 'string' && /^-?\d+$/.test(text)) return BigInt(text)
  throw new Error('this is not a quantity')
}

function compare(a: CelMap, b: CelMap): bigint {
  const difference = billionthsOf(a) - billionthsOf(b)
  if (difference === 0n) return 0n
  return difference > 0n ? 1n : -1n
}

const quantities = [
  celFunc('quantity', [STRING], quantityType, readQuantity),
  celFunc('quantity', [INT], quantityType, value => readQuantity(value.toString())),
  celFunc('quantity', [DOUBLE], quantityType, value => readQuantity(value.toString())),
  celFunc('isQuantity', [STRING], BOOL, text => parseQuantity(text) !== undefined),
  celMethod('compareTo', quantityType, [quantityType], INT, function (other) {
    return compare(this, other)
  }),
  celMethod('isGreaterThan', quantityType, [quantityType], BOOL, function (other) {
    return compare(this, other) > 0n
  }),
  celMethod('isLessThan', quantityType, [quantityType], BOOL, function (other) {
    return compare(this, other) < 0n
  })
]

const searches = [
  celMethod('find', STRING, [STRING], STRING, function (pattern) {
    const matcher = compilePattern(pattern).matcher(this)
    return matcher.find() ? (matcher.group() ?? '') : ''
  }),
  celMethod('findAll', STRING, [STRING], listType(STRING), function (pattern) {
    const matcher = compilePattern(pattern).matcher(this)
    const found: string[] = []
    while (matcher.find()) found.push(matcher.group() ?? '')
    return found
  })
]

function refuse(text: string, pattern: RegExp, type: string): void {
  if (!pattern.test(text)) throw new Error(`the text is not a valid ${type}`)
}

// The library's own functions parse as JavaScript does: int("") would be 0.
const strictNumbers = [
  celFunc('int', [STRING], INT, text => {
    refuse(text, /^[+-]?\d{1,19}$/, 'int')
    const value = BigInt(text)
    if (!isInt64(value)) throw new Error('the int is out of range')
    return value
  }),
  celFunc('double', [STRING], DOUBLE, text => {
    refuse(text, /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/, 'double')
    return Number(text)
  })
]

/** The CEL environment: standard functions and those that the schema's description names. */
export const environment = celEnv({
  funcs: [...strings, ...quantities, ...searches, ...strictNumbers],
  re2: {
    compile: pattern => {
      const compiled = compilePattern(pattern)
      return { test: text => compiled.matcher(text).find() }
    }
  }
})

/** Functions of the library that are not offered: their memory use is unbounded, or they guess. */
export const refusedFunctions: ReadonlySet<string> = new Set(['bytes', 'uint'])
