const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i
const longestExact = 15

/**
 * Returns the name under which a class is compared: numbers, numeric texts and booleans are equal by value, so
 * `1`, `"1.0"`, `true` and `"True"` are one class. A number with more than 15 digits stays as it is written.
 */
export function className(text: string): string {
  if (text.length === 1) return text
  const first = text.charCodeAt(0)
  const isNumeric = first < 58 && decimal.test(text)
  if (isNumeric) {
    const isExact = text.length <= longestExact || text.replace(/\D/g, '').length <= longestExact
    return isExact ? String(Number(text) + 0) : text
  }
  if (text.length > 5) return text
  const lower = text.toLowerCase()
  if (lower === 'true') return '1'
  return lower === 'false' ? '0' : text
}

/** Whether a text says that there is no number: it is no class. */
export function isNotANumber(text: string): boolean {
  return text.length === 3 && text.toLowerCase() === 'nan'
}
