/** String literals in tags: `"a\"b"`, `'a\'b'` and `` `a` ``. */
export class QuotedStrings {
  readonly #text: string
  /** By kind of quote: the offset before which no quote of this kind closes a string. */
  readonly #openUntil = new Map<string, number>()

  constructor(text: string) {
    this.#text = text
  }

  /**
   * The end, exclusive, of the string that starts at a quote; undefined if it is not closed. Reads each
   * character at most once per kind of quote, however many strings are not closed.
   */
  endOf(start: number): number | undefined {
    const quote = this.#text.charAt(start)
    if (start < (this.#openUntil.get(quote) ?? 0)) return undefined
    const body =
      quote === '`' ? /[^`]*/y : quote === '"' ? /(?:[^"\\\n]|\\.)*/y : /(?:[^'\\\n]|\\.)*/y
    body.lastIndex = start + 1
    body.test(this.#text)
    if (this.#text.charAt(body.lastIndex) === quote) return body.lastIndex + 1
    this.#openUntil.set(quote, body.lastIndex)
    return undefined
  }

  /** The text with every string literal, including its quotes, replaced by underscores. */
  masked(): string {
    const quotes = /["'`]/g
    const parts: string[] = []
    let position = 0
    for (let found = quotes.exec(this.#text); found !== null; found = quotes.exec(this.#text)) {
      const end = this.endOf(found.index)
      if (end === undefined) continue
      parts.push(this.#text.slice(position, found.index), '_'.repeat(end - found.index))
      position = quotes.lastIndex = end
    }
    return parts.join('') + this.#text.slice(position)
  }
}
