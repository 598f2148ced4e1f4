const maxTextCharacters = 2_000

/**
 * True when `text` matches `pattern`: `*` matches any text without a slash, `**` any text, everything
 * else itself. A text of more than 2,000 characters never matches, because time grows with the product
 * of both lengths.
 */
export function fits(pattern: string, text: string): boolean {
  if (text.length > maxTextCharacters) return false
  let reachable = new Set([0])
  for (const token of pattern.match(/\*\*|\*|[^*]+/g) ?? []) {
    reachable = advance(token, text, reachable)
    if (reachable.size === 0) return false
  }
  return reachable.has(text.length)
}

/** Every offset in `text` at which a token that starts at one of `starts` can end. */
function advance(token: string, text: string, starts: ReadonlySet<number>): Set<number> {
  const ends = new Set<number>()
  if (!token.startsWith('*')) {
    for (const start of starts) if (text.startsWith(token, start)) ends.add(start + token.length)
    return ends
  }
  for (const start of starts) {
    for (let end = start; end <= text.length && !ends.has(end); end += 1) {
      ends.add(end)
      if (token === '*' && text[end] === '/') break
    }
  }
  return ends
}
