/** Strings in tags, as they are written: `"a\"b"`, `'a\'b'` and `` `a` ``. */
export class QuotedStrings {
  readonly #text: string
  /** Up to where no quote of a kind closes a string: one that was looked at before did not. */
  readonly #openUntil = new Map<string, number>()

  constructor(text: string) {
    this.#text = text
  }

  /**
   * The end of the string that begins at a quote, exclusive; undefined where it is not closed. Every
   * character is looked at once for each kind of quote, however many of them do not close.
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

  /** The text with every string in it, quotes included, replaced by as many underscores. */
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
