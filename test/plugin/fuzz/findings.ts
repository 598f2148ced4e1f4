/** The result of one case: `refused` if mlgitops reported an error, which is never silent. */
export type Outcome =
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'differs'; readonly input: string; readonly detail: string }

/** Counts of outcomes, and the differences that were found. */
export class Findings {
  readonly differences: string[] = []
  readonly #counts = new Map<string, number>()

  add(part: string, outcome: Outcome): void {
    const name = outcome.kind === 'refused' ? `refused: ${outcome.reason}` : outcome.kind
    this.#counts.set(`${part}, ${name}`, (this.#counts.get(`${part}, ${name}`) ?? 0) + 1)
    if (outcome.kind === 'differs')
      this.differences.push(`${part}: ${JSON.stringify(outcome.input)}\n  ${outcome.detail}`)
  }

  /** One line for each part and outcome. */
  lines(): readonly string[] {
    return [...this.#counts].sort().map(([name, count]) => `${name}: ${count}`)
  }
}
