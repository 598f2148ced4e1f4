import { isJsonArray } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { Analysis } from '../settings/analysis.ts'
import { className, isNotANumber } from './class-name.ts'

/** A class, or why a prediction has none. */
export type PredictedClass = { readonly name: string } | { readonly unusable: string }

/** How a prediction becomes a class. */
export type ClassRules = Pick<Analysis, 'positive' | 'threshold' | 'classes'>

/** The class of a score below the threshold: any class but the positive one. */
export const notPositive = '\u0000not positive'

/**
 * Returns the class of a prediction: the prediction itself, the class with the highest of several scores, or
 * the positive class for a score that reaches the threshold.
 */
export function predictedClass(prediction: JsonValue, rules: ClassRules): PredictedClass {
  if (isJsonArray(prediction)) {
    const [only] = prediction
    if (prediction.length === 1 && only !== undefined && !isJsonArray(only)) {
      return predictedClass(only, rules)
    }
    return ofScores(prediction, rules)
  }
  if (rules.threshold !== undefined) return ofScore(prediction, rules.threshold, rules.positive)
  if (typeof prediction === 'object') return { unusable: 'a prediction is not a class' }
  const text = String(prediction)
  return isNotANumber(text)
    ? { unusable: 'a prediction is NaN, which is not a class' }
    : { name: className(text) }
}

function ofScore(score: JsonValue, threshold: number, positive: string): PredictedClass {
  const value = typeof score === 'string' && score !== '' ? Number(score) : score
  return typeof value === 'number' && !Number.isNaN(value)
    ? { name: value >= threshold ? positive : notPositive }
    : { unusable: 'a prediction is not a number, so the threshold does not apply' }
}

/** With a threshold, the positive class needs that score, whatever the others have. */
function ofScores(
  scores: readonly JsonValue[],
  { classes, threshold, positive }: ClassRules
): PredictedClass {
  const numbers = scores.flatMap(each => (typeof each === 'number' ? [each] : []))
  if (numbers.length === 0 || numbers.length !== scores.length) {
    return { unusable: 'a prediction is not an array of numbers' }
  }
  if (classes !== undefined && classes.length !== scores.length) {
    return {
      unusable: `a prediction has ${scores.length} scores, and classes has ${classes.length}`
    }
  }
  const nameOf = (at: number) => className(classes?.[at] ?? String(at))
  const positiveAt = numbers.findIndex((_, at) => nameOf(at) === positive)
  const own = numbers[positiveAt]
  if (threshold === undefined || own === undefined) return { name: nameOf(greatest(numbers)) }
  if (own >= threshold) return { name: positive }
  const others = numbers.map((score, at) => (at === positiveAt ? Number.NEGATIVE_INFINITY : score))
  return { name: others.length === 1 ? notPositive : nameOf(greatest(others)) }
}

/** Not `Math.max(...)`: a response may have more numbers than a call can have arguments. */
function greatest(numbers: readonly number[]): number {
  return numbers.reduce((best, score, each) => (score > (numbers[best] ?? 0) ? each : best), 0)
}

/**
 * Returns the score of the positive class that a prediction is: its own of several scores, or a number where there is
 * a threshold for it. Undefined if a prediction is a class.
 */
export function positiveScore(
  prediction: JsonValue,
  { classes, threshold, positive }: ClassRules
): number | undefined {
  if (isJsonArray(prediction)) {
    const [only] = prediction
    if (prediction.length === 1 && only !== undefined) {
      return positiveScore(only, { classes, threshold, positive })
    }
    const at = prediction.findIndex(
      (_, each) => className(classes?.[each] ?? String(each)) === positive
    )
    return finiteNumber(prediction[at])
  }
  return threshold === undefined ? undefined : finiteNumber(prediction)
}

function finiteNumber(value: JsonValue | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** Whether a predicted class equals the label. */
export function isRight(predicted: string, label: string, positive: string): boolean {
  return predicted === notPositive ? label !== positive : predicted === label
}
