import { isJsonArray, member, stringifyJson } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { Predictions } from './predictions.ts'

/** Returns the path of a model in the Open Inference Protocol. */
export function v2Path(model: string): string {
  return `v2/models/${encodeURIComponent(model)}/infer`
}

/**
 * Writes one flat, row-major input tensor with all instances. Undefined if the instances are ragged and do not
 * form a tensor.
 */
export function writeV2(
  instances: readonly JsonValue[],
  names: { readonly input: string; readonly datatype: string; readonly output: string | undefined }
): string | undefined {
  const shape = shapeOf(instances)
  if (shape === undefined) return undefined
  const data: JsonValue[] = []
  flatten(instances, data)
  return stringifyJson({
    inputs: [{ name: names.input, shape, datatype: names.datatype, data }],
    ...(names.output === undefined ? {} : { outputs: [{ name: names.output }] })
  })
}

/** Reads one output tensor and splits it by item. */
export function readV2(answer: JsonValue, count: number, output: string | undefined): Predictions {
  const outputs = member(answer, 'outputs')
  if (!isJsonArray(outputs)) return { unusable: 'its response has no outputs' }
  const chosen =
    output === undefined ? outputs[0] : outputs.find(each => member(each, 'name') === output)
  if (chosen === undefined) {
    return {
      unusable:
        output === undefined
          ? 'its response has no output'
          : `its response has no output ${JSON.stringify(output)}`
    }
  }
  const shape = member(chosen, 'shape')
  const given = member(chosen, 'data')
  if (!isJsonArray(shape) || !isJsonArray(given)) {
    return { unusable: 'its output has no shape or no data' }
  }
  const dimensions = shape.flatMap(each => (isCount(each) ? [each] : []))
  const data: JsonValue[] = []
  flatten(given, data)
  const size = dimensions.reduce((product, each) => product * each, 1)
  if (dimensions.length !== shape.length || size !== data.length) {
    return { unusable: 'the shape of its output does not match its data' }
  }
  if (dimensions[0] !== count) {
    return { unusable: `it sent ${dimensions[0] ?? 0} outputs for ${count} items` }
  }
  const each = size / count
  return {
    predictions: Array.from({ length: count }, (_, at) => {
      const own = data.slice(at * each, (at + 1) * each)
      return own.length === 1 ? (own[0] ?? null) : own
    })
  }
}

function isCount(value: JsonValue): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

/** Returns the dimensions of nested arrays of scalars; undefined if they are ragged. */
function shapeOf(value: JsonValue): readonly number[] | undefined {
  if (!isJsonArray(value)) return typeof value === 'object' ? undefined : []
  const shapes = value.map(shapeOf)
  const [first] = shapes
  if (first === undefined) return undefined
  const isRegular = shapes.every(
    shape => shape?.length === first.length && shape.every((size, at) => size === first[at])
  )
  return isRegular ? [value.length, ...first] : undefined
}

function flatten(value: JsonValue, into: JsonValue[]): void {
  if (isJsonArray(value)) for (const each of value) flatten(each, into)
  else into.push(value)
}
