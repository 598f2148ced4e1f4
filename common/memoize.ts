/** Limits of the cache. */
export interface MemoizeLimits {
  /** Maximum number of texts. The cache is cleared when it is full. */
  readonly maxTexts: number
  /** A longer text is never cached. */
  readonly maxCharacters: number
}

/**
 * Returns `compute` with a cache of its values by the whole text. `compute` must depend only on the text,
 * and its values must not be changed.
 */
export function memoize<Value>(
  compute: (text: string) => Value,
  { maxTexts, maxCharacters }: MemoizeLimits
): (text: string) => Value {
  const values = new Map<string, Value>()
  return text => {
    if (text.length > maxCharacters) return compute(text)
    const known = values.get(text)
    if (known !== undefined) return known
    const value = compute(text)
    if (values.size >= maxTexts) values.clear()
    values.set(text, value)
    return value
  }
}
