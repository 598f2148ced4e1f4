import type { JsonValue } from '../../common/json.ts'

/** Shorter texts are words that say nothing, and stand in every message. */
const minCharacters = 4

/** `message` with every text of `values` in it, of four characters or more, replaced by `***`. */
export function redact(message: string, values: JsonValue): string {
  return texts(values)
    .sort((a, b) => b.length - a.length)
    .reduce((redacted, text) => redacted.replaceAll(text, '***'), message)
}

function texts(value: JsonValue): string[] {
  if (typeof value === 'string') return value.length < minCharacters ? [] : [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((inner: JsonValue) => texts(inner))
}
