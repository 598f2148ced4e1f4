import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** The older keys of a predictor that KServe's webhook rewrites (setPredictorModelDefaults). */
const formats = [
  ...['sklearn', 'tensorflow', 'xgboost', 'pytorch', 'triton', 'onnx', 'huggingface', 'pmml'],
  ...['lightgbm', 'paddle']
] as const

/**
 * The rendered object as KServe stores it: its webhook rewrites `sklearn: {...}` of a predictor to `model:
 * {modelFormat: {name: sklearn}, ...}`. Any other object, and one that was not rewritten, is returned as
 * it is.
 */
export function asKServeStores(rendered: JsonObject, found: JsonObject): JsonObject {
  if (rendered.kind !== 'InferenceService') return rendered
  const { spec } = rendered
  const predictor = member(spec, 'predictor')
  if (!isJsonObject(spec) || !isJsonObject(predictor)) return rendered
  const format = formats.find(each => isJsonObject(member(predictor, each)))
  if (format === undefined || member(predictor, 'model') !== undefined) return rendered
  if (!isRewritten(member(member(found, 'spec'), 'predictor'), format)) return rendered
  const { [format]: server, ...others } = predictor
  const model = { modelFormat: { name: format }, ...(server as JsonObject) }
  return { ...rendered, spec: { ...spec, predictor: { ...others, model } } }
}

function isRewritten(predictor: JsonValue | undefined, format: string): boolean {
  const isModel = isJsonObject(member(predictor, 'model'))
  return isModel && member(predictor, format) === undefined
}
