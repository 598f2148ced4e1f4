import { listNames } from '../../common/fault.ts'
import { isJsonArray, stringifyJson } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { OtherPrediction, PredictionUpdate } from './update.ts'
import type { Outcome } from './outcome.ts'
import { positiveScore, predictedClass } from './predicted-class.ts'
import type { ClassRules, PredictedClass } from './predicted-class.ts'

/** One output of a model for one instance: a value, or an array of scores. */
export interface Output {
  /** Undefined if the protocol names none. */
  readonly name: string | undefined
  readonly value: JsonValue
}

/** How a stored prediction becomes a class. */
export type OutputRules = ClassRules & Pick<Analysis, 'output'>

/** Marks a stored prediction that is not a class: outputs whose class depends on the objective settings. */
const rawMark = '\u0000'
const maxRawCharacters = 4_096

/** Returns outputs as they are stored; undefined if they are too large. */
export function rawPrediction(outputs: readonly Output[]): string | undefined {
  const entries = outputs.map(({ name, value }) => [name ?? null, value])
  const text = rawMark + stringifyJson(entries)
  return text.length > maxRawCharacters ? undefined : text
}

/**
 * Returns an outcome with the class of its prediction. Without one it has the reason, and counts only as a
 * request and a response.
 */
export function classified(outcome: Outcome, rules: OutputRules): Outcome {
  const { predicted } = outcome
  if (predicted === undefined) return outcome
  const isRaw = predicted.startsWith(rawMark)
  if (!isRaw && rules.threshold === undefined) return outcome
  const found = isRaw ? lastClassOfRaw(predicted, rules) : predictedClass(predicted, rules)
  return 'name' in found
    ? { ...outcome, predicted: found.name }
    : { ...outcome, predicted: undefined, unreadable: found.unusable }
}

/** Returns an update with the classes of its predictions. */
export function classifiedUpdate(update: PredictionUpdate, rules: OutputRules): PredictionUpdate {
  const before = update.before && classified(update.before, rules)
  const after = classified(update.after, rules)
  const other = update.other && classifiedOther(update.other, rules)
  const isSame = before === update.before && after === update.after && other === update.other
  return isSame ? update : { ...update, before, after, ...(other === undefined ? {} : { other }) }
}

function classifiedOther(other: OtherPrediction, rules: OutputRules): OtherPrediction {
  const outcome = classified(other.outcome, rules)
  return outcome === other.outcome ? other : { ...other, outcome }
}

/** Returns an update with the scores of the positive class that are in its predictions, where none is given. */
export function withScores<T extends { before: Outcome | undefined; after: Outcome }>(
  update: T,
  rules: OutputRules
): T {
  const before = update.before && withScore(update.before, rules)
  const after = withScore(update.after, rules)
  return before === update.before && after === update.after ? update : { ...update, before, after }
}

function withScore(outcome: Outcome, rules: OutputRules): Outcome {
  const { predicted, measures } = outcome
  if (predicted === undefined || measures?.score !== undefined) return outcome
  const output = predicted.startsWith(rawMark)
    ? chooseOutput(outputsOf(predicted), rules.output)
    : predicted
  const score = output === undefined ? undefined : positiveScore(output, rules)
  return score === undefined ? outcome : { ...outcome, measures: { ...measures, score } }
}

interface LastClass {
  readonly text: string
  readonly found: PredictedClass
}

const lastByRules = new WeakMap<OutputRules, LastClass>()

/** A prediction is classified for each of its messages, and equal ones follow one another. */
function lastClassOfRaw(text: string, rules: OutputRules): PredictedClass {
  const last = lastByRules.get(rules)
  if (last?.text === text) return last.found
  const found = classOfRaw(text, rules)
  lastByRules.set(rules, { text, found })
  return found
}

function classOfRaw(text: string, rules: OutputRules): PredictedClass {
  const outputs = outputsOf(text)
  const chosen = chooseOutput(outputs, rules.output)
  if (chosen !== undefined) return predictedClass(chosen, rules)
  const names = outputs.flatMap(([name]) => (typeof name === 'string' ? [name] : []))
  const known = names.length === 0 ? `${outputs.length} without a name` : listNames(names)
  return { unusable: `a prediction has no output ${String(rules.output)}: it has ${known}` }
}

function outputsOf(raw: string): readonly (readonly JsonValue[])[] {
  const entries = tryParseJson(raw.slice(rawMark.length))
  return isJsonArray(entries) ? entries.filter(isJsonArray) : []
}

function chooseOutput(
  outputs: readonly (readonly JsonValue[])[],
  wanted: string | undefined
): JsonValue | undefined {
  const byName = outputs.find(([name]) => name === wanted)
  const at = wanted === undefined ? 0 : /^\d{1,4}$/.test(wanted) ? Number(wanted) : -1
  return (byName ?? outputs[at])?.[1]
}
