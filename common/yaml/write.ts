import { Fault } from '../fault.ts'
import { isJsonArray } from '../json.ts'
import type { JsonObject, JsonValue } from '../json.ts'

/**
 * Writes one YAML document: block style, two spaces, with a final line feed. Every string that a YAML 1.1
 * or 1.2 reader could read as another value is quoted, so kubectl, kustomize and Flux read the same value
 * back.
 *
 * @throws {Fault} `YAML_INVALID` for a string that is not valid Unicode (a lone surrogate)
 */
export function writeYaml(value: JsonValue): string {
  const out: string[] = []
  if (isEmptyOrScalar(value)) out.push(scalar(value, ''), '\n')
  else writeCollection(value, '', out)
  return out.join('')
}

type Collection = JsonObject | readonly JsonValue[]

function writeCollection(value: Collection, indent: string, out: string[]): void {
  if (isJsonArray(value)) {
    for (const [index, item] of value.entries()) {
      out.push(index === 0 ? '' : indent, '-')
      writeItem(item, indent, out)
    }
    return
  }
  let isFirst = true
  for (const key in value) {
    if (!isFirst) out.push(indent)
    isFirst = false
    const written = text(key)
    out.push(written.length > maxSimpleKey ? `? ${written}\n${indent}:` : `${written}:`)
    writeMember(value[key] ?? null, indent, out)
  }
}

/** go-yaml refuses implicit keys beyond 1,024 characters. */
const maxSimpleKey = 1_000

function writeMember(value: JsonValue, indent: string, out: string[]): void {
  if (isEmptyOrScalar(value)) {
    out.push(' ', scalar(value, indent), '\n')
    return
  }
  const inner = isJsonArray(value) ? indent : `${indent}  `
  out.push('\n', inner)
  writeCollection(value, inner, out)
}

function writeItem(value: JsonValue, indent: string, out: string[]): void {
  out.push(' ')
  if (isEmptyOrScalar(value)) out.push(scalar(value, indent), '\n')
  else writeCollection(value, `${indent}  `, out)
}

function isEmptyOrScalar(value: JsonValue): value is Exclude<JsonValue, Collection> {
  if (typeof value !== 'object' || value === null) return true
  if (isJsonArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

function scalar(value: JsonValue, indent: string): string {
  if (typeof value === 'string') return isBlockText(value) ? block(value, indent) : text(value)
  if (typeof value === 'object' && value !== null) return isJsonArray(value) ? '[]' : '{}'
  return String(value)
}

const reserved = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|infinity|undefined)$/i
const word = /^[A-Za-z_/$](?:[A-Za-z0-9_./:@=,+()$~{}<>*?!;| -]*[A-Za-z0-9_./@=,+()$~{}<>*?!;|-])?$/
const quantity = /^[1-9][0-9]*(?:m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)$/

/** Writes a string as a plain scalar if no reader can misread it, otherwise in double quotes. */
function text(value: string): string {
  if (word.test(value)) {
    if (!reserved.test(value) && !value.includes(': ')) return value
  } else if (quantity.test(value)) return value
  return quoted(value)
}

function quoted(value: string): string {
  if (value.includes('"') && /^[\x20-\x26\x28-\x5b\x5d-\x7e]+$/.test(value)) return `'${value}'`
  return doubleQuoted(value)
}

/**
 * Writes a JSON string, with characters escaped that YAML does not print or reads as line breaks.
 *
 * @throws {Fault} `YAML_INVALID` for a lone surrogate
 */
export function doubleQuoted(value: string): string {
  if (!value.isWellFormed()) {
    throw new Fault(
      'YAML_INVALID',
      'a string contains half a surrogate pair, which is not valid Unicode'
    )
  }
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}

const unprintable = /[^\P{Cc}\n\t]|[\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}/u

/** A literal block keeps every line as it is, but cannot start with white space or contain controls. */
function isBlockText(value: string): boolean {
  return value.indexOf('\n') > 0 && !/^\s/.test(value) && !unprintable.test(value)
}

function block(value: string, indent: string): string {
  const lines = value.split('\n')
  const endsLine = lines.at(-1) === ''
  if (endsLine) lines.pop()
  const chomping = endsLine ? (lines.at(-1) === '' ? '+' : '') : '-'
  const body = lines.map(line => (line === '' ? '\n' : `\n${indent}  ${line}`)).join('')
  return `|${chomping}${body}`
}
