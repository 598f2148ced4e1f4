/**
 * Returns whether a text is what an operator makes of another one, in whose expressions it fills in
 * values: the parts between expressions are there, in their order. Without an expression the texts are
 * the same.
 *
 * @param expression matches what the operator replaces; global
 */
export function isFilledIn(text: string, stated: string, expression: RegExp | undefined): boolean {
  if (text === stated) return true
  const parts = expression === undefined ? [stated] : stated.split(expression)
  const [first = ''] = parts
  const last = parts.at(-1) ?? ''
  if (parts.length === 1 || !text.startsWith(first)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
