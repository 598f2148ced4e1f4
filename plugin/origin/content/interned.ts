/** Numbers for texts, in the order in which they are first seen. */
export class Interned {
  readonly texts: string[] = []
  readonly #numbers = new Map<string, number>()

  numberOf(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }

  /** The number of a text that was seen; undefined for any other. */
  find(text: string): number | undefined {
    return this.#numbers.get(text)
  }
}
