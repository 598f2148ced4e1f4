import { isUtf8 } from 'node:buffer'
import { isExactDecimal } from '../exact-decimal.ts'
import { Fault } from '../fault.ts'
import type { JsonValue } from '../json.ts'
import { floatKey, resolveNumber } from './number.ts'

const words = new Map<string, JsonValue>([
  ...spell(true, ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']),
  ...spell(false, ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']),
  ...spell(null, ['', '~', 'null', 'Null', 'NULL'])
])
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

function spell(value: JsonValue, spellings: readonly string[]): [string, JsonValue][] {
  return spellings.map(spelling => [spelling, value])
}

/**
 * Reads a plain scalar like kubectl: YAML 1.1 booleans, octal, no dates, no base 60.
 *
 * @throws {Fault} `YAML_INVALID` for infinity and NaN, which JSON cannot represent
 */
export function resolvePlain(text: string): JsonValue {
  const word = words.get(text)
  if (word !== undefined) return word
  if (!startsLikeNumber(text.charCodeAt(0))) return text
  if (notFinite.test(text)) throw new Fault('YAML_INVALID', 'infinity and NaN are not JSON values')
  return resolveNumber(text)?.value ?? text
}

/**
 * Reads a plain scalar like {@link resolvePlain}, with the digits of every number: integers up to 64 bits
 * without sign are exact, where kubectl makes floats of those beyond int64.
 *
 * @param numbers whether other numbers must be exact too; with `integers` they are those of kubectl
 * @throws {Fault} `YAML_INVALID` for a number that would lose digits
 */
export function resolvePlainExactly(text: string, numbers: 'integers' | 'all'): JsonValue {
  const value = resolvePlain(text)
  if (typeof value !== 'number' || (Number.isSafeInteger(value) && !text.includes('.')))
    return value
  const digits = text.replaceAll('_', '').replace(/^\+/, '')
  const integer = /^(?:[1-9][0-9]*|0[xX][0-9a-fA-F]+|0[bB][01]+)$/.test(digits)
    ? BigInt(digits)
    : undefined
  if (integer !== undefined && integer < 2n ** 64n) return integer
  if (numbers === 'integers' || (integer === undefined && isExactDecimal(digits))) return value
  throw new Fault('YAML_INVALID', 'a number has more digits than a 64-bit number keeps', {
    remedy: 'Put it in quotes.'
  })
}

/** How the digits of numbers are kept: see {@link resolvePlainExactly}; by default as kubectl keeps them. */
interface NumberSettings {
  readonly exactNumbers?: 'integers' | 'all' | undefined
}

/**
 * Reads a plain scalar that is not a key by the settings of its reader. In the schema `core` of kustomize and
 * kpt (go-yaml v3) only true and false are booleans; numbers are those of kubectl.
 */
export function resolveValue(
  text: string,
  { schema, exactNumbers }: NumberSettings & { readonly schema?: 'kubectl' | 'core' }
): JsonValue {
  if (schema === 'core' && isCoreText(text)) return text
  return resolveWithDigits(text, { exactNumbers })
}

function resolveWithDigits(text: string, { exactNumbers }: NumberSettings): JsonValue {
  return exactNumbers === undefined ? resolvePlain(text) : resolvePlainExactly(text, exactNumbers)
}

function isCoreText(text: string): boolean {
  return typeof words.get(text) === 'boolean' && !/^(?:true|false)$/i.test(text)
}

function startsLikeNumber(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 45 || code === 43 || code === 46
}

/**
 * Reads a plain scalar as a mapping key. Keys are strings to Kubernetes: `y` is "true", `0777` is "511".
 *
 * @throws {Fault} `YAML_INVALID` for null, which cannot be a key
 */
export function resolvePlainKey(text: string): string {
  const word = words.get(text)
  if (word === null) throw new Fault('YAML_INVALID', 'null cannot be a mapping key')
  if (typeof word === 'boolean') return String(word)
  if (!startsLikeNumber(text.charCodeAt(0))) return text
  const number = resolveNumber(text)
  if (number === undefined) return text
  return number.kind === 'int' ? number.value.toString() : floatKey(number.value)
}

const fits: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  '!!int': value => typeof value === 'bigint' || Number.isInteger(value),
  '!!float': value => typeof value === 'bigint' || typeof value === 'number',
  '!!bool': value => typeof value === 'boolean',
  '!!null': value => value === null
}
const textTags = new Set(['!', '!!str', '!!timestamp'])

/**
 * Reads a scalar with an explicit tag (`!!str 12`, `!!binary aGk=`).
 *
 * @param tag as written in the source
 * @throws {Fault} `YAML_INVALID` for a tag other than YAML's own, or text that does not match it
 */
export function resolveTagged(tag: string, text: string, settings: NumberSettings): JsonValue {
  const name = tag.replace(/^!<tag:yaml\.org,2002:(.*)>$/, '!!$1')
  if (textTags.has(name)) return text
  if (name === '!!binary') return decodeBinary(text)
  const isFit = fits[name]
  if (isFit === undefined) {
    throw new Fault('YAML_INVALID', 'unknown YAML tag', {
      expected: '!!str, !!int, !!float, !!bool, !!null, !!binary, !!map or !!seq',
      remedy: 'Remove the tag or quote the text.'
    })
  }
  const value = resolveWithDigits(text, settings)
  if (!isFit(value)) throw new Fault('YAML_INVALID', `the text does not match its tag ${name}`)
  return value
}

function decodeBinary(text: string): string {
  const bytes = Buffer.from(text, 'base64')
  if (!isUtf8(bytes)) {
    throw new Fault('YAML_INVALID', '!!binary contains bytes that are not UTF-8', {
      remedy: 'Use binaryData of a ConfigMap or data of a Secret with base64 text.'
    })
  }
  return bytes.toString('utf8')
}
