import { isJsonArray } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { classText } from '../event/own-event.ts'
import type { ReplaySettings } from '../settings/replay-settings.ts'

/** A class, or why a prediction has none. */
export type PredictedClass = { readonly name: string } | { readonly unusable: string }

/** The class of a score below the threshold: any class but the positive one. */
export const notPositive = '\u0000not positive'

/**
 * Returns the class of a prediction: the prediction itself, the class with the highest of several scores, or
 * the positive class for a score that reaches the threshold.
 */
export function predictedClass(
  prediction: JsonValue,
  { classes, threshold }: Pick<ReplaySettings, 'classes' | 'threshold'>,
  positive: string
): PredictedClass {
  if (isJsonArray(prediction)) {
    const [only] = prediction
    if (prediction.length === 1 && only !== undefined && !isJsonArray(only)) {
      return predictedClass(only, { classes, threshold }, positive)
    }
    return greatest(prediction, classes)
  }
  if (threshold !== undefined) {
    return typeof prediction === 'number'
      ? { name: prediction >= threshold ? positive : notPositive }
      : { unusable: 'a prediction is not a number, so replay.threshold does not apply' }
  }
  const name = typeof prediction === 'bigint' ? String(prediction) : classText(prediction)
  return name === undefined ? { unusable: 'a prediction is not a class' } : { name }
}

function greatest(
  scores: readonly JsonValue[],
  classes: readonly string[] | undefined
): PredictedClass {
  const numbers = scores.flatMap(each => (typeof each === 'number' ? [each] : []))
  if (numbers.length === 0 || numbers.length !== scores.length) {
    return { unusable: 'a prediction is not an array of numbers' }
  }
  if (classes !== undefined && classes.length !== scores.length) {
    return {
      unusable: `a prediction has ${scores.length} scores, and replay.classes has ${classes.length}`
    }
  }
  // Not `Math.max(...)`: a response may have more numbers than a call can have arguments.
  const at = numbers.reduce((best, score, each) => (score > (numbers[best] ?? 0) ? each : best), 0)
  return { name: classes?.[at] ?? String(at) }
}

/** Whether a predicted class equals the label. */
export function isRight(predicted: string, label: string, positive: string): boolean {
  return predicted === notPositive ? label !== positive : predicted === label
}
