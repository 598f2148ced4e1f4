/** How much is remembered. */
export interface MemoizeLimits {
  /** Texts at most; all are forgotten where one more comes. */
  readonly maxTexts: number
  /** A longer text is never remembered. */
  readonly maxCharacters: number
}

/**
 * `compute`, whose values are remembered by the whole of the text that they were computed from. It must
 * depend on nothing else, and nobody may change what it returns.
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
