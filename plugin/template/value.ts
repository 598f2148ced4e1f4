import { Fault } from '../../common/fault.ts'
import { kindOf } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/**
 * A path without a value. Functions with a default accept it, unless its name cannot exist; anything else
 * is a fault.
 */
export class Missing {
  readonly path: string
  readonly offset: number
  /** Where the path ends, and the keys that exist there. */
  readonly found: string
  /**
   * Why no value file can give the path a value: its name is outside of `.Values` and of the blocks, or it
   * leads into a list or a scalar, which has no keys. Undefined if one can.
   */
  readonly impossible: 'name' | 'key' | undefined

  constructor(path: string, offset: number, found: string, impossible?: 'name' | 'key') {
    this.path = path
    this.offset = offset
    this.found = found
    this.impossible = impossible
  }
}

/** YAML text from `toYaml`, `indent` and `nindent`; it becomes part of the document's structure. */
export class YamlText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Text from `quote` and `squote`: a string if it is the whole scalar; elsewhere the quotes are text. */
export class QuotedText {
  readonly text: string
  readonly unquoted: string

  constructor(text: string, unquoted: string) {
    this.text = text
    this.unquoted = unquoted
  }
}

/** The value of an expression. */
export type TemplateValue = JsonValue | Missing | YamlText | QuotedText

/** Any value of an expression but {@link Missing}. */
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
    throw new Fault('TEMPLATE_TYPE', `${kindOf(value)} cannot be inserted into text`, {
      expected: 'a string, a number or a boolean',
      remedy:
        value === null
          ? 'Set it, or give a default: {{ .Values.x | default "…" }}.'
          : 'Insert it as the whole value (key: {{ .Values.x }}) or with toYaml … | nindent.'
    })
  }
  return String(value)
}

/** The value as JSON: quoted text without its quotes, YAML text as a string. */
export function jsonOf(value: PresentValue): JsonValue {
  if (value instanceof YamlText) return value.text
  return value instanceof QuotedText ? value.unquoted : value
}

/** Whether Helm takes the value for empty: false, 0, "", null, an empty list or object, or missing. */
export function isEmpty(value: TemplateValue): boolean {
  if (value instanceof Missing || value === null || value === false || value === '') return true
  if (value instanceof YamlText || value instanceof QuotedText) return value.text === ''
  if (typeof value === 'object') return Object.keys(value).length === 0
  return value === 0 || value === 0n
}

/** Whether Handlebars takes the value for true: an empty object is, an empty list is not. */
export function isTruthy(value: TemplateValue, includeZero: boolean): boolean {
  if (value === 0) return includeZero
  if (value instanceof Missing || value instanceof YamlText || value instanceof QuotedText) {
    return !isEmpty(value)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true
  return !isEmpty(value)
}
