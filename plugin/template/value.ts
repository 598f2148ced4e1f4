import { Fault } from '../../common/fault.ts'
import { kindOf } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/** A path that leads nowhere. Functions that take a default accept it; everything else refuses it. */
export class Missing {
  readonly path: string
  readonly offset: number
  /** The keys that stand where the path breaks off, and where that is. */
  readonly found: string

  constructor(path: string, offset: number, found: string) {
    this.path = path
    this.offset = offset
    this.found = found
  }
}

/** YAML text from `toYaml`, `indent` and `nindent`: it becomes part of the document's structure. */
export class YamlText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Text from `quote` and `squote`: a string where it is a whole scalar, its quotes are text elsewhere. */
export class QuotedText {
  readonly text: string
  readonly unquoted: string

  constructor(text: string, unquoted: string) {
    this.text = text
    this.unquoted = unquoted
  }
}

/** What an expression can be. */
export type TemplateValue = JsonValue | Missing | YamlText | QuotedText

/** What a function is given: everything but {@link Missing}. */
export type PresentValue = Exclude<TemplateValue, Missing>

/**
 * A scalar as text.
 *
 * @throws {Fault} `TEMPLATE_TYPE` for null, a list or an object
 */
export function textOf(value: PresentValue): string {
  if (typeof value === 'string') return value
  if (value instanceof YamlText || value instanceof QuotedText) return value.text
  if (typeof value === 'object') {
    throw new Fault('TEMPLATE_TYPE', `${kindOf(value)} cannot stand in text`, {
      expected: 'a string, a number or a boolean',
      remedy:
        value === null
          ? 'Give it a value, or a default: {{ .Values.x | default "…" }}.'
          : 'Insert it as a whole value (key: {{ .Values.x }}) or with toYaml … | nindent.'
    })
  }
  return String(value)
}

/** The value as JSON: quoted text without its quotes, YAML text as a string. */
export function jsonOf(value: PresentValue): JsonValue {
  if (value instanceof YamlText) return value.text
  return value instanceof QuotedText ? value.unquoted : value
}

/** Helm's idea of empty: false, 0, "", null, an empty list or object, and what is missing. */
export function isEmpty(value: TemplateValue): boolean {
  if (value instanceof Missing || value === null || value === false || value === '') return true
  if (value instanceof YamlText || value instanceof QuotedText) return value.text === ''
  if (typeof value === 'object') return Object.keys(value).length === 0
  return value === 0 || value === 0n
}

/** Handlebars' idea of a true condition: an empty object is true, an empty list is not. */
export function isTruthy(value: TemplateValue, includeZero: boolean): boolean {
  if (value === 0) return includeZero
  if (value instanceof Missing || value instanceof YamlText || value instanceof QuotedText) {
    return !isEmpty(value)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true
  return !isEmpty(value)
}
