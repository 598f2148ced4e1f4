import { Fault } from '../../../common/fault.ts'
import { stringifyJson } from '../../../common/json.ts'
import { refuseLonger } from '../text-bound.ts'
import { jsonOf, textOf } from '../value.ts'
import type { PresentValue } from '../value.ts'
import { exponential, fixed, shortest } from './go-number.ts'

interface Verb {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  readonly letter: string
}

const verbPattern = /%(?:%|([-+0]*)([0-9]{0,3})(?:\.([0-9]{0,2}))?([a-zA-Z]))|%/g

/**
 * Formats as Go does: `%s %v %d %q %t %f %e %g %x %c`, with `-`, `0`, `+`, a width up to 999 and a
 * precision up to 99. Unlike in Go, `%v` writes an integer without an exponent, and a list or an object
 * as JSON.
 *
 * @throws {Fault} `TEMPLATE_TYPE` for an unknown verb, a value of the wrong type, or a wrong number of
 *   values (Go writes `%!d(string=…)` into the manifest)
 */
export function format(pattern: string, args: readonly PresentValue[]): string {
  let used = 0
  let { length } = pattern
  const text = pattern.replace(verbPattern, (match: string, ...groups: (string | undefined)[]) => {
    if (match === '%%') return '%'
    const [flags = '', width = '', precision, letter] = groups
    if (letter === undefined) throw new Fault('TEMPLATE_TYPE', 'printf: "%" without a verb')
    const verb: Verb = {
      flags,
      width: Number(width),
      precision: precision === undefined ? undefined : Number(precision),
      letter
    }
    const arg = args[used++]
    if (arg === undefined) throw new Fault('TEMPLATE_TYPE', `printf: no value for ${match}`)
    const formatted = pad(verb, formatOne(verb, arg), arg)
    refuseLonger((length += formatted.length))
    return formatted
  })
  if (used < args.length) {
    throw new Fault('TEMPLATE_TYPE', `printf: ${args.length} values for ${used} verbs`)
  }
  return text
}

function formatOne(verb: Verb, value: PresentValue): string {
  switch (verb.letter) {
    case 's':
    case 'q':
      return textual(verb, value)
    case 'v':
      return generalText(verb, value)
    case 't':
      return truth(verb, value)
    case 'x':
      return hexadecimal(verb, value)
    case 'd':
      return wholeNumber(verb, value, 10)
    case 'c':
    case 'f':
    case 'e':
    case 'g':
      return numeric(verb, value)
    default:
      throw new Fault('TEMPLATE_TYPE', `printf: %${verb.letter} is not supported`, {
        expected: '%s %v %d %q %t %f %e %g %x %c'
      })
  }
}

function textual(verb: Verb, value: PresentValue): string {
  const isQuoted = verb.letter === 'q'
  const isCut = verb.precision !== undefined
  if ((isQuoted && verb.flags.includes('+')) || (isCut && typeof jsonOf(value) !== 'string'))
    throw misfit(verb)
  const text = firstCharacters(textOf(value), verb.precision)
  return isQuoted ? JSON.stringify(text) : text
}

function truth(verb: Verb, value: PresentValue): string {
  if (typeof value !== 'boolean') throw misfit(verb)
  return String(value)
}

/** A character is a code point, as in Go. */
function firstCharacters(text: string, count: number | undefined): string {
  return count === undefined ? text : Array.from(text).slice(0, count).join('')
}

function misfit(verb: Verb): Fault {
  return new Fault('TEMPLATE_TYPE', `printf: the value does not fit %${verb.letter}`, {
    remedy: verb.letter === 'd' ? 'Convert text with int.' : 'Use %v.'
  })
}

/** With a precision, Helm writes an integer of a value file as `%g` and one of a template as `%d`. */
function generalText(verb: Verb, value: PresentValue): string {
  const plain = jsonOf(value)
  if (verb.precision !== undefined) {
    if (typeof plain === 'string') return firstCharacters(plain, verb.precision)
    if (typeof plain !== 'number' || Number.isInteger(plain)) throw misfit(verb)
    return numeric({ ...verb, flags: '', letter: 'g' }, plain)
  }
  return typeof plain === 'object' && plain !== null ? stringifyJson(plain) : textOf(value)
}

function hexadecimal(verb: Verb, value: PresentValue): string {
  const plain = jsonOf(value)
  return typeof plain === 'string'
    ? Buffer.from(plain).subarray(0, verb.precision).toString('hex')
    : wholeNumber(verb, value, 16)
}

/** An integer with at least as many digits as the precision; with precision 0, zero has none. */
function wholeNumber({ precision, ...verb }: Verb, value: PresentValue, radix: 10 | 16): string {
  if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isInteger(value)))
    throw misfit({ precision, ...verb })
  const integer = BigInt(value)
  if (integer === 0n && precision === 0) return ''
  const plus = verb.flags.includes('+') ? '+' : ''
  const digits = (integer < 0n ? -integer : integer).toString(radix)
  return (integer < 0n ? '-' : plus) + digits.padStart(precision ?? 0, '0')
}

function numeric(verb: Verb, value: PresentValue): string {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw misfit(verb)
  if (verb.letter === 'c') return character(verb, value)
  const sign = verb.flags.includes('+') && value >= 0 ? '+' : ''
  if (verb.letter !== 'f') return sign + scientific(verb, value)
  const precision = verb.precision ?? 6
  return sign + (typeof value === 'bigint' ? wholeFixed(value, precision) : fixed(value, precision))
}

function character(verb: Verb, value: number | bigint): string {
  const code = Number(value)
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  if (!Number.isInteger(code) || code < 0 || code > 0x10ffff || isSurrogate) throw misfit(verb)
  return String.fromCodePoint(code)
}

/** A number beyond 2^53 has more digits than a float. */
function wholeFixed(value: bigint, precision: number): string {
  return precision === 0 ? value.toString() : `${value}.${'0'.repeat(precision)}`
}

function scientific(verb: Verb, value: number | bigint): string {
  if (typeof value === 'bigint' && BigInt(Number(value)) !== value) throw misfit(verb)
  switch (verb.letter) {
    case 'e':
      return exponential(Number(value), verb.precision ?? 6)
    default:
      return shortest(Number(value), verb.precision)
  }
}

function pad(verb: Verb, text: string, value: PresentValue): string {
  const width = verb.width + text.length - Array.from(text).length
  if (verb.flags.includes('-')) return text.padEnd(width)
  const hasDigits = verb.precision !== undefined && typeof value !== 'string'
  if (!verb.flags.includes('0') || (hasDigits && /[dx]/.test(verb.letter))) {
    return text.padStart(width)
  }
  const sign = /[dfegxv]/.test(verb.letter) ? (/^[-+]/.exec(text)?.[0] ?? '') : ''
  return sign + text.slice(sign.length).padStart(width - sign.length, '0')
}
