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
    const formatted = pad(verb, formatOne(verb, arg))
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
      return textOf(value).slice(0, verb.precision)
    case 'v':
      return generalText(verb, value)
    case 'q':
      return JSON.stringify(textOf(value))
    case 't':
      if (typeof value === 'boolean') return String(value)
      break
    case 'x':
      return hexadecimal(value)
    case 'd':
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
  throw misfit(verb)
}

function misfit(verb: Verb): Fault {
  return new Fault('TEMPLATE_TYPE', `printf: the value does not fit %${verb.letter}`, {
    remedy: verb.letter === 'd' ? 'Convert text with int.' : 'Use %v.'
  })
}

function generalText(verb: Verb, value: PresentValue): string {
  const plain = jsonOf(value)
  if (typeof plain === 'number' && verb.precision !== undefined) {
    return numeric({ ...verb, letter: 'g' }, plain)
  }
  return typeof plain === 'object' && plain !== null ? stringifyJson(plain) : textOf(value)
}

function hexadecimal(value: PresentValue): string {
  const plain = jsonOf(value)
  if (typeof plain === 'string') return Buffer.from(plain).toString('hex')
  if (typeof plain === 'bigint' || Number.isInteger(plain))
    return BigInt(plain as number).toString(16)
  throw misfit({ flags: '', width: 0, precision: undefined, letter: 'x' })
}

function numeric(verb: Verb, value: PresentValue): string {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw misfit(verb)
  const sign = verb.flags.includes('+') && value >= 0 ? '+' : ''
  return sign + unsigned(verb, value)
}

function unsigned(verb: Verb, value: number | bigint): string {
  switch (verb.letter) {
    case 'd':
      if (typeof value === 'number' && !Number.isInteger(value)) throw misfit(verb)
      return BigInt(value).toString()
    case 'c':
      return String.fromCodePoint(Math.min(0x10ffff, Math.max(0, Math.trunc(Number(value)))))
    case 'f':
      return typeof value === 'bigint'
        ? wholeFixed(value, verb.precision ?? 6)
        : fixed(value, verb.precision ?? 6)
    default:
      return scientific(verb, value)
  }
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

function pad(verb: Verb, text: string): string {
  if (verb.flags.includes('-')) return text.padEnd(verb.width)
  if (!verb.flags.includes('0')) return text.padStart(verb.width)
  const sign = /[dfegxv]/.test(verb.letter) ? (/^[-+]/.exec(text)?.[0] ?? '') : ''
  return sign + text.slice(sign.length).padStart(verb.width - sign.length, '0')
}
