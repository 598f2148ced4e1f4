import { addToNumbers, noNumbers, notNumbersProblem } from '../counter/number-tally.ts'
import type { NumberTally } from '../counter/number-tally.ts'
import { variants } from '../counter/outcome.ts'
import type { Outcome, Variant } from '../counter/outcome.ts'
import { addToVocabulary, noVocabulary, vocabularyProblem } from '../counter/vocabulary.ts'
import type { Vocabulary } from '../counter/vocabulary.ts'
import type { ComparedAs } from '../settings/compared-as.ts'

/** As it is stored: state of earlier versions has no numbers. */
type StoredArm = Vocabulary & { readonly numbers?: NumberTally }

type ByVariant<T> = Record<Variant, T>

/** The vocabularies of both arms of an analysis of events. They grow until they are known to be shared. */
export class Vocabularies {
  readonly #kinds: ReadonlySet<ComparedAs>
  #classes: ByVariant<Vocabulary> = { primary: noVocabulary, canary: noVocabulary }
  #numbers: ByVariant<NumberTally> = { primary: noNumbers, canary: noNumbers }
  #isSaved = true

  /** @param kinds what the objectives need */
  constructor(kinds: ReadonlySet<ComparedAs>) {
    this.#kinds = kinds
  }

  /** Learns from a prediction before and after a message, with their classes. */
  learn(before: Outcome | undefined, after: Outcome, positive: string): void {
    const { variant } = after
    const classes = this.#classes[variant]
    const learnt = this.#kinds.has('classes')
      ? addToVocabulary(classes, before, after, positive)
      : classes
    const numbers = this.#numbers[variant]
    const counted = this.#kinds.has('numbers') ? withJoined(numbers, before, after) : numbers
    if (learnt === classes && counted === numbers) return
    this.#classes[variant] = learnt
    this.#numbers[variant] = counted
    this.#isSaved = false
  }

  /** Returns why the predictions and labels of some arms cannot be compared; undefined if they can. */
  problem(
    arms: readonly Variant[],
    { as, classes }: { readonly as: ComparedAs; readonly classes: readonly string[] | undefined }
  ): string | undefined {
    for (const variant of arms) {
      const problem =
        as === 'numbers'
          ? notNumbersProblem(this.#numbers[variant])
          : vocabularyProblem(this.#classes[variant], classes)
      if (problem !== undefined) return `${variant}: ${problem}`
    }
    return undefined
  }

  /** Returns what has to be stored; undefined if it is stored. */
  takeUnsaved(): string | undefined {
    if (this.#isSaved) return undefined
    this.#isSaved = true
    const arm = (variant: Variant): StoredArm => ({
      ...this.#classes[variant],
      numbers: this.#numbers[variant]
    })
    return JSON.stringify({ primary: arm('primary'), canary: arm('canary') })
  }

  /** Reads what was stored. */
  load(text: string): void {
    const stored = JSON.parse(text) as Partial<ByVariant<StoredArm>>
    for (const variant of variants) {
      const arm: StoredArm = stored[variant] ?? noVocabulary
      const { numbers = noNumbers, ...classes } = arm
      this.#classes[variant] = classes
      this.#numbers[variant] = numbers
    }
  }
}

/** A prediction counts once, when its label is there. */
function withJoined(
  known: NumberTally,
  before: Outcome | undefined,
  { predicted, label, isPending }: Outcome
): NumberTally {
  if (predicted === undefined || label === undefined || isPending) return known
  const wasJoined = before?.isPending === false && before.label !== undefined
  return wasJoined ? known : addToNumbers(known, { predicted, label })
}
