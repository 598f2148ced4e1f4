import { isJsonArray, isJsonObject, member, stringifyJson } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { Predictions } from './predictions.ts'

/** Returns the path of a model in KServe's V1 protocol. */
export function v1Path(model: string): string {
  return `v1/models/${encodeURIComponent(model)}:predict`
}

/** Writes `{"instances": [...]}`. */
export function writeV1(instances: readonly JsonValue[]): string {
  return stringifyJson({ instances })
}

/** Reads `{"predictions": [...]}`, one per instance; `output` names a field of each prediction. */
export function readV1(answer: JsonValue, count: number, output: string | undefined): Predictions {
  const predictions = member(answer, 'predictions')
  if (!isJsonArray(predictions)) return { unusable: 'its response has no array of predictions' }
  if (predictions.length !== count) {
    return { unusable: `it sent ${predictions.length} predictions for ${count} items` }
  }
  if (output === undefined) return { predictions }
  const chosen = predictions.map(each => (isJsonObject(each) ? member(each, output) : undefined))
  const found = chosen.flatMap(each => (each === undefined ? [] : [each]))
  return found.length === count
    ? { predictions: found }
    : { unusable: `a prediction has no member ${JSON.stringify(output)}` }
}
