import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** The older keys of a predictor that KServe's webhook rewrites (setPredictorModelDefaults). */
const formats = [
  ...['sklearn', 'tensorflow', 'xgboost', 'pytorch', 'triton', 'onnx', 'huggingface', 'pmml'],
  ...['lightgbm', 'paddle']
] as const

const serverName = 'kserve-container'

/**
 * The rendered object as KServe stores it: its webhook rewrites `sklearn: {...}` of a predictor to `model:
 * {modelFormat: {name: sklearn}, ...}` and gives the server's container of a component its name. Any other
 * object, and one that was not rewritten, is returned as it is.
 */
export function asKServeStores(rendered: JsonObject, found: JsonObject): JsonObject {
  const { kind, spec } = rendered
  if (kind !== 'InferenceService' || !isJsonObject(spec)) return rendered
  const stored = member(found, 'spec')
  const components = ['predictor', 'transformer', 'explainer'].flatMap(name => {
    const [component, other] = [member(spec, name), member(stored, name)]
    if (!isJsonObject(component)) return []
    const named = withServerName(component, other, name === 'predictor')
    return [[name, name === 'predictor' ? withModel(named, other) : named] as const]
  })
  return { ...rendered, spec: { ...spec, ...Object.fromEntries(components) } }
}

function withModel(predictor: JsonObject, stored: JsonValue | undefined): JsonObject {
  const format = formats.find(each => isJsonObject(member(predictor, each)))
  if (format === undefined || member(predictor, 'model') !== undefined) return predictor
  if (!isRewritten(stored, format)) return predictor
  const { [format]: server, ...others } = predictor
  return { ...others, model: { modelFormat: { name: format }, ...(server as JsonObject) } }
}

function isRewritten(predictor: JsonValue | undefined, format: string): boolean {
  const isModel = isJsonObject(member(predictor, 'model'))
  return isModel && member(predictor, format) === undefined
}

/** predictor_custom.go, transformer_custom.go and explainer_custom.go, `Default`. */
function withServerName(
  component: JsonObject,
  stored: JsonValue | undefined,
  isPredictor: boolean
): JsonObject {
  const { containers } = component
  if (!isJsonArray(containers)) return component
  const [server, ...others] = containers
  if (!isJsonObject(server) || nameOfFirst(member(stored, 'containers')) !== serverName)
    return component
  const hasOwnName = isPredictor && others.length > 0 && (stringMember(server, 'name') ?? '') !== ''
  if (hasOwnName) return component
  return { ...component, containers: [{ ...server, name: serverName }, ...others] }
}

function nameOfFirst(containers: JsonValue | undefined): string | undefined {
  return isJsonArray(containers) ? stringMember(containers[0], 'name') : undefined
}
