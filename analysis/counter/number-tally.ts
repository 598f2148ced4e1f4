import { isNumber } from './mean.ts'

/** Whether the predictions and labels of one arm are numbers. Plain JSON. */
export interface NumberTally {
  /** Predictions with a label, up to a few. */
  readonly joined: number
  /** Those of which both are numbers. */
  readonly numbers: number
  /** A prediction and its label of which one is no number. */
  readonly other?: readonly [predicted: string, label: string]
}

/** The tally before the first prediction with a label. */
export const noNumbers: NumberTally = { joined: 0, numbers: 0 }

const enough = 30

/** Adds a prediction with its label. Returns the same object if nothing is learnt. */
export function addToNumbers(
  known: NumberTally,
  { predicted, label }: { readonly predicted: string; readonly label: string }
): NumberTally {
  if (known.joined >= enough || known.numbers > 0) return known
  const joined = known.joined + 1
  if (isNumber(predicted) && isNumber(label)) return { ...known, joined, numbers: 1 }
  return { ...known, joined, other: [predicted, label] }
}

/**
 * Returns why predictions and labels cannot be subtracted; undefined if they can, or if too few are known.
 *
 * @param least predictions with a label that are enough
 */
export function notNumbersProblem(
  { joined, numbers, other }: NumberTally,
  least = enough
): string | undefined {
  if (joined < least || numbers > 0 || other === undefined) return undefined
  const [predicted, label] = other.map(value => JSON.stringify(value.slice(0, 40)))
  return `predictions and labels are not numbers after ${joined} joined events: a prediction is ${predicted}, its label is ${label}; mae, bias and tolerance are about numbers`
}
