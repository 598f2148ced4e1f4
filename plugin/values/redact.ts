import type { JsonValue } from '../../common/json.ts'

/** Shorter texts are common words, which occur in any message. */
const minCharacters = 4

/** Replaces in `message` every string of `values` with at least four characters by `***`. */
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
