import { isJsonArray, member } from '../common/json.ts'
import type { JsonValue } from '../common/json.ts'

/**
 * The reference tokens of a JSON Pointer, unescaped; undefined for text that is not a JSON Pointer.
 * Source: RFC 6901 sections 3 and 4.
 */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/**
 * The index that `token` means in a list: digits without a leading zero. Undefined for `-`, the item
 * after the last one, and for every other text.
 */
export function arrayIndex(token: string): number | undefined {
  return /^(?:0|[1-9][0-9]*)$/.test(token) ? Number(token) : undefined
}

/** The value at reference tokens, by own members and list items only; undefined if it does not exist. */
export function valueAt(document: JsonValue, tokens: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = document
  for (const token of tokens) {
    value = isJsonArray(value) ? value[arrayIndex(token) ?? -1] : member(value, token)
  }
  return value
}
