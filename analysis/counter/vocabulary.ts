import type { Outcome } from './outcome.ts'
import { isRight, notPositive } from './predicted-class.ts'

/** The values of the predictions and labels of one arm, until they are known to mean the same. Plain JSON. */
export interface Vocabulary {
  /** Predictions with a label. */
  readonly joined: number
  readonly predicted: readonly string[]
  readonly labels: readonly string[]
  /** Whether a prediction and a label had a value in common. */
  readonly isShared: boolean
  /** Predictions with a label where one of the two is a fraction, which no class is; up to a few. */
  readonly fractions?: number
  /** One of them. */
  readonly fraction?: string
  /** Predictions without a class, and why. */
  readonly unreadable: number
  readonly why: string | undefined
}

/** The vocabulary before the first prediction. */
export const noVocabulary: Vocabulary = {
  joined: 0,
  predicted: [],
  labels: [],
  isShared: false,
  unreadable: 0,
  why: undefined
}

const enough = 30
const maxValues = 50
const shownValues = 5

/** Adds a prediction that became whole or got its label. Returns the same object if nothing is learnt. */
export function addToVocabulary(
  known: Vocabulary,
  before: Outcome | undefined,
  after: Outcome,
  positive: string
): Vocabulary {
  if (isComplete(known) || after.isPending) return known
  const { predicted, label, unreadable } = after
  const wasWhole = before !== undefined && !before.isPending
  if (unreadable !== undefined && !wasWhole) {
    return { ...known, unreadable: known.unreadable + 1, why: unreadable }
  }
  if (predicted === undefined || label === undefined) return known
  if (wasWhole && before.label !== undefined) return known
  return addJoined(known, { predicted, label }, positive)
}

/** Adds a prediction with its label. Returns the same object if nothing is learnt. */
export function addJoined(
  known: Vocabulary,
  { predicted, label }: { readonly predicted: string; readonly label: string },
  positive: string
): Vocabulary {
  if (isComplete(known)) return known
  const fraction = [predicted, label].find(isFraction)
  if (known.isShared) return fraction === undefined ? known : withFraction(known, fraction)
  const isShared =
    isRight(predicted, label, positive) ||
    known.labels.includes(predicted) ||
    known.predicted.includes(label)
  return {
    ...(fraction === undefined ? known : withFraction(known, fraction)),
    joined: known.joined + 1,
    predicted: predicted === notPositive ? known.predicted : withValue(known.predicted, predicted),
    labels: withValue(known.labels, label),
    isShared
  }
}

/** Whether nothing more can be learnt. */
function isComplete({ isShared, fractions = 0 }: Vocabulary): boolean {
  return isShared && fractions >= enough
}

function withFraction(known: Vocabulary, fraction: string): Vocabulary {
  return { ...known, fractions: (known.fractions ?? 0) + 1, fraction }
}

/** Whether a value is a number that is not whole. */
export function isFraction(value: string): boolean {
  return value.includes('.') && Number.isFinite(Number(value)) && !Number.isInteger(Number(value))
}

function withValue(values: readonly string[], value: string): readonly string[] {
  return values.includes(value) || values.length >= maxValues ? values : [...values, value]
}

/**
 * Returns why predictions and labels cannot be compared; undefined if they can, or if too few are known.
 *
 * @param classes all classes, if they were named: then no value in common is a fact about the model
 */
export function vocabularyProblem(
  {
    joined,
    predicted,
    labels,
    isShared,
    fractions = 0,
    fraction = '',
    unreadable,
    why
  }: Vocabulary,
  classes: readonly string[] | undefined
): string | undefined {
  const areNumbers = isShared && fractions >= enough && classes === undefined
  if (areNumbers) return numbersProblem(fraction)
  if (isShared) return undefined
  if (unreadable >= enough) return `predictions have no class: ${why ?? ''}`
  if (joined < enough || predicted.length === 0) return undefined
  const isNamed = (value: string) => classes?.includes(value) ?? false
  if ([...predicted, ...labels].every(isNamed)) return undefined
  return `predictions and labels have no value in common after ${joined} joined events: predictions are ${shown(predicted)}, labels are ${shown(labels)}; name output, threshold or classes, or tolerance for numbers`
}

/** Says that numbers are not compared for equality. */
export function numbersProblem(number: string): string {
  return `predictions or labels are numbers such as ${number}, which are not compared for equality: give tolerance (a distance, or a share such as 5%), judge mae.max, or name threshold or classes`
}

function shown(values: readonly string[]): string {
  const more = values.length - shownValues
  const some = values.slice(0, shownValues).map(value => JSON.stringify(value.slice(0, 40)))
  return `${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
