import type { JsonValue } from '../../common/json.ts'

/** Shorter texts are common words, which occur in any message. */
const minCharacters = 4

/**
 * Replaces in `message` every string of `values` with at least four characters by `***`, also quoted with
 * escapes, and every line of a string with several lines.
 */
export function redact(message: string, values: JsonValue): string {
  const found = texts(values).flatMap(text => [text, JSON.stringify(text).slice(1, -1)])
  return found
    .sort((a, b) => b.length - a.length)
    .reduce((redacted, text) => redacted.replaceAll(text, '***'), message)
}

function texts(value: JsonValue): string[] {
  if (typeof value === 'string') {
    const lines = value.includes('\n') ? value.split('\n').map(line => line.trim()) : []
    return [value, ...lines].filter(text => text.length >= minCharacters)
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((inner: JsonValue) => texts(inner))
}
