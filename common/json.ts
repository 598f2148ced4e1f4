/**
 * A value as Kubernetes stores it. Integers that a JavaScript number cannot hold exactly
 * (beyond 2^53, within 64 bits) are `bigint`; every other number is a `number`.
 */
export type JsonValue =
  null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject

/** A mapping with string keys. Readers refuse the key `__proto__`. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** True for a mapping: not null, a list or a scalar. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True for a list. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Returns the own member `key` of `value`; undefined when `value` is not a mapping or has no such member. */
export function member(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/**
 * Returns `name` as an interned string of the engine. Reading a member by a string from a file costs a
 * lookup among the interned strings each time; reading by this one does not.
 */
export function propertyName(name: string): string {
  return Object.keys({ [name]: null })[0] ?? name
}

/** Returns the own member `key` if it is a string. */
export function stringMember(value: JsonValue | undefined, key: string): string | undefined {
  const found = member(value, key)
  return typeof found === 'string' ? found : undefined
}

/** Describes the kind of a value, for messages that must not show the value. */
export function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (isJsonArray(value)) return 'a list'
  switch (typeof value) {
    case 'boolean':
      return 'a boolean'
    case 'number':
    case 'bigint':
      return 'a number'
    case 'string':
      return 'a string'
    default:
      return 'an object'
  }
}

/**
 * Writes JSON text with exact big integers. `indent` in spaces, 0 for the compact form; `sortKeys`
 * writes members in code unit order.
 */
export function stringifyJson(
  value: JsonValue,
  options: { readonly indent?: number; readonly sortKeys?: boolean } = {}
): string {
  return write(value, { indent: options.indent ?? 0, sortKeys: options.sortKeys ?? false }, '\n')
}

interface Layout {
  readonly indent: number
  readonly sortKeys: boolean
}

function write(value: JsonValue, layout: Layout, newline: string): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = newline + ' '.repeat(layout.indent)
  const isArray = isJsonArray(value)
  const members = isArray
    ? value.map(item => write(item, layout, inner))
    : memberKeys(value, layout).map(
        key =>
          `${JSON.stringify(key)}:${layout.indent > 0 ? ' ' : ''}${write(value[key] ?? null, layout, inner)}`
      )
  const [open, close] = isArray ? ['[', ']'] : ['{', '}']
  if (members.length === 0) return open + close
  if (layout.indent === 0) return open + members.join(',') + close
  return open + inner + members.join(`,${inner}`) + newline + close
}

function memberKeys(value: JsonObject, layout: Layout): string[] {
  const keys = Object.keys(value)
  return layout.sortKeys ? keys.sort() : keys
}
