import { variants } from '../counter/outcome.ts'
import type { Outcome, Variant } from '../counter/outcome.ts'
import { addToVocabulary, noVocabulary, vocabularyProblem } from '../counter/vocabulary.ts'
import type { Vocabulary } from '../counter/vocabulary.ts'

type ByVariant = Record<Variant, Vocabulary>

/** The vocabularies of both arms of an analysis of events. They grow until they are known to be shared. */
export class Vocabularies {
  #arms: ByVariant = { primary: noVocabulary, canary: noVocabulary }
  #isSaved = true

  /** Learns from a prediction before and after a message, with their classes. */
  learn(before: Outcome | undefined, after: Outcome, positive: string): void {
    const known = this.#arms[after.variant]
    const learnt = addToVocabulary(known, before, after, positive)
    if (learnt === known) return
    this.#arms[after.variant] = learnt
    this.#isSaved = false
  }

  /** Returns why the predictions and labels of some arms cannot be compared; undefined if they can. */
  problem(arms: readonly Variant[], classes: readonly string[] | undefined): string | undefined {
    for (const variant of arms) {
      const problem = vocabularyProblem(this.#arms[variant], classes)
      if (problem !== undefined) return `${variant}: ${problem}`
    }
    return undefined
  }

  /** Returns what has to be stored; undefined if it is stored. */
  takeUnsaved(): string | undefined {
    if (this.#isSaved) return undefined
    this.#isSaved = true
    return JSON.stringify(this.#arms)
  }

  /** Reads what was stored. */
  load(text: string): void {
    const stored = JSON.parse(text) as Partial<ByVariant>
    for (const variant of variants) this.#arms[variant] = stored[variant] ?? noVocabulary
  }
}
