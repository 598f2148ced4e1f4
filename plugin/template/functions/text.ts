import { createHash } from 'node:crypto'
import { isExactDecimal } from '../../../common/exact-decimal.ts'
import { Fault } from '../../../common/fault.ts'
import { isJsonArray, kindOf } from '../../../common/json.ts'
import { occurrences, refuseLonger } from '../text-bound.ts'
import { jsonOf, QuotedText, textOf, YamlText } from '../value.ts'
import type { PresentValue } from '../value.ts'
import { format } from './printf.ts'
import { integerArgument, strict, textArgument } from './signature.ts'
import type { TemplateFunction } from './signature.ts'

/** Functions on text. `trim` and `replace` of YAML give YAML. */
export const textFunctions: Readonly<Record<string, TemplateFunction>> = {
  quote: strict([1, Infinity], args => quoteAll(args, text => JSON.stringify(text))),
  squote: strict([1, Infinity], args => quoteAll(args, text => `'${text}'`)),
  upper: strict([1, 1], args => textArgument(args, 0).toUpperCase()),
  lower: strict([1, 1], args => textArgument(args, 0).toLowerCase()),
  trim: strict([1, 1], args => likeLast(args, textArgument(args, 0).trim())),
  trunc: strict([2, 2], args => truncate(integerArgument(args, 0), textArgument(args, 1))),
  replace: strict([3, 3], args => likeLast(args, replace(args))),
  contains: strict([2, 2], args => textArgument(args, 1).includes(textArgument(args, 0))),
  hasPrefix: strict([2, 2], args => textArgument(args, 1).startsWith(textArgument(args, 0))),
  hasSuffix: strict([2, 2], args => textArgument(args, 1).endsWith(textArgument(args, 0))),
  printf: strict([1, Infinity], ([pattern = '', ...rest]) => format(textOf(pattern), rest)),
  join: strict([2, 2], args => join(textArgument(args, 0), args[1] ?? null)),
  split: strict([2, 2], args => textArgument(args, 1).split(textArgument(args, 0))),
  toString: strict([1, 1], args => textArgument(args, 0)),
  int: strict([1, 1], args => toInteger(args)),
  kebabcase: strict([1, 1], args => kebabCase(textArgument(args, 0))),
  b64enc: strict([1, 1], args => Buffer.from(textArgument(args, 0)).toString('base64')),
  sha256sum: strict([1, 1], args =>
    createHash('sha256').update(textArgument(args, 0)).digest('hex')
  )
}

function replace(args: readonly PresentValue[]): string {
  const [old, other, text] = [0, 1, 2].map(index => textArgument(args, index)) as [
    string,
    string,
    string
  ]
  const growth = other.length - old.length
  if (growth > 0) refuseLonger(text.length + occurrences(text, old) * growth)
  return text.replaceAll(old, () => other)
}

function quoteAll(args: readonly PresentValue[], quote: (text: string) => string): QuotedText {
  const texts = args.map(textOf)
  refuseLonger(texts.reduce((sum, { length }) => sum + length + 3, 0))
  return new QuotedText(texts.map(quote).join(' '), texts.join(' '))
}

function likeLast(args: readonly PresentValue[], text: string): string | YamlText {
  return args.at(-1) instanceof YamlText ? new YamlText(text) : text
}

/** `trunc 5` keeps the first five characters, `trunc -5` the last five. */
function truncate(length: number, text: string): string {
  const characters = Array.from(text)
  return (length < 0 ? characters.slice(length) : characters.slice(0, length)).join('')
}

function join(separator: string, list: PresentValue): string {
  const value = jsonOf(list)
  if (!isJsonArray(value)) return textOf(value)
  const texts = value.map(item => textOf(item))
  refuseLonger(texts.reduce((sum, { length }) => sum + length + separator.length, 0))
  return texts.join(separator)
}

/**
 * Cuts off the fraction of a number, as Helm does. Helm reads non-numeric text as 0 and "010" as 8;
 * here both are faults.
 */
function toInteger(args: readonly PresentValue[]): number | bigint {
  const value = jsonOf(args[0] ?? null)
  const number = typeof value === 'string' ? numberIn(value.trim()) : value
  if (typeof number === 'bigint') return number
  if (typeof number === 'boolean') return Number(number)
  if (typeof number === 'number' && Number.isSafeInteger(Math.trunc(number))) {
    return Math.trunc(number) + 0
  }
  throw new Fault('TEMPLATE_TYPE', 'int rejects non-numeric text', {
    found: typeof value === 'string' ? 'a non-numeric string' : kindOf(value)
  })
}

function numberIn(text: string): number | bigint | undefined {
  if (/^[-+]?0[0-9]/.test(text)) {
    throw new Fault('TEMPLATE_TYPE', 'int rejects leading zeros', { found: 'a string' })
  }
  const whole = wholePart(text)
  if (whole !== undefined) return whole
  // A rounded number can be that of the next integer.
  const isExact = /^0[bBoOxX]/.test(text) || (text !== '' && isExactDecimal(text))
  return isExact ? Number(text) : undefined
}

/** The whole part of decimal digits, exact up to 64 bits; undefined for another text. */
function wholePart(text: string): number | bigint | undefined {
  const [, digits] = /^\+?(-?[0-9]{1,20})(?:\.[0-9]*)?$/.exec(text) ?? []
  if (digits === undefined) return undefined
  const integer = BigInt(digits)
  if (integer < -(2n ** 63n) || integer >= 2n ** 64n) return undefined
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer
}

/** `FirstModel v2` is `first-model-v2`; digits belong to the word before them, unless it is in lower case. */
function kebabCase(text: string): string {
  return text
    .replace(/(\p{L})(\p{N}+\p{Ll})/gu, '$1-$2')
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1-$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1-$2')
    .replace(/[\s_]/g, '-')
    .toLowerCase()
}
