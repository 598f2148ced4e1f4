import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { rawPrediction } from '../counter/raw-prediction.ts'
import type { Output } from '../counter/raw-prediction.ts'
import { classText } from './own-event.ts'

/** The predictions of a response as they are stored, by instance, or why it cannot be split. */
export type SplitResponse =
  { readonly instances: readonly (string | undefined)[] } | { readonly unusable: string }

const maxInstances = 10_000
/** The rank of a tensor is small. */
const maxDepth = 16

/** Returns the number of instances of a request in V1 or V2; 1 if the body does not say. */
export function countInstances(body: JsonValue | undefined): number {
  const instances = member(body, 'instances')
  if (isJsonArray(instances)) return withinBounds(instances.length)
  const inputs = member(body, 'inputs')
  if (!isJsonArray(inputs)) return 1
  const count = firstDimension(member(inputs[0], 'shape'))
  const isSame = inputs.every(input => firstDimension(member(input, 'shape')) === count)
  return isSame && count !== undefined ? withinBounds(count) : 1
}

function withinBounds(count: number): number {
  return count >= 1 && count <= maxInstances ? count : 1
}

/** Splits a response by instance. A prediction that is too large to be stored has no class. */
export function splitResponse(body: JsonValue | undefined): SplitResponse {
  const outputs = member(body, 'outputs')
  const split = outputs === undefined ? splitV1(member(body, 'predictions')) : splitV2(outputs)
  if ('unusable' in split) return split
  const { length } = split.instances
  if (length === 0) return { unusable: noOutput }
  if (length > maxInstances) {
    return { unusable: `the response has ${length} instances; ${maxInstances} can be split` }
  }
  return { instances: split.instances.map(stored) }
}

type Split = { readonly instances: readonly (readonly Output[])[] } | { readonly unusable: string }

const noOutput = 'the response has no first output (V1 predictions, V2 outputs[0].data)'

function splitV1(predictions: JsonValue | undefined): Split {
  if (predictions === undefined || predictions === null) return { unusable: noOutput }
  if (!isJsonArray(predictions)) {
    return { unusable: 'predictions cannot be split into instances: it is not an array' }
  }
  return {
    instances: predictions.map(prediction =>
      isJsonObject(prediction)
        ? Object.entries(prediction).flatMap(([name, value]) => outputOf(name, value))
        : outputOf(undefined, prediction)
    )
  }
}

function outputOf(name: string | undefined, value: JsonValue): readonly Output[] {
  const flat = flatten(value)
  if (flat === undefined) return []
  return [{ name, value: isJsonArray(value) ? flat : (flat[0] ?? null) }]
}

/**
 * Splits the outputs by their first dimension, which counts the instances (Open Inference Protocol, Triton's
 * `max_batch_size`). Outputs that differ in it say that it does not; an output of a single value, such as the
 * version of the model, is about all instances and has no part in it.
 */
function splitV2(outputs: JsonValue): Split {
  if (!isJsonArray(outputs)) {
    return { unusable: 'outputs cannot be split into instances: it is not an array' }
  }
  const tensors = outputs.map(splitTensor)
  const [first] = tensors
  if (first === undefined) return { unusable: noOutput }
  if ('unusable' in first) return first
  const split = tensors.filter((tensor): tensor is Tensor => 'values' in tensor)
  const parts = split.filter(({ isSingle }) => !isSingle)
  const [of = first] = parts
  const other = parts.find(({ values }) => values.length !== of.values.length)
  if (other !== undefined) {
    const why = `${other.label} has ${other.values.length} in its first dimension, and ${of.label} has ${of.values.length}`
    return { unusable: `outputs cannot be split into instances: ${why}` }
  }
  const alike = split.filter(({ values }) => values.length === of.values.length)
  return {
    instances: of.values.map((_, at) =>
      alike.map(({ name, values }) => ({ name, value: values[at] ?? null }))
    )
  }
}

interface Tensor {
  readonly name: string | undefined
  /** For people: `output "y"`. */
  readonly label: string
  /** Whether it has one value in all. */
  readonly isSingle: boolean
  /** By instance. */
  readonly values: readonly JsonValue[]
}

function labelOf(name: string | undefined, at: number): string {
  return `output ${JSON.stringify((name ?? String(at)).slice(0, 60))}`
}

function splitTensor(output: JsonValue, at: number): Tensor | { readonly unusable: string } {
  const name = stringMember(output, 'name')
  const label = labelOf(name, at)
  const cannot = (why: string) => ({
    unusable: `${label} cannot be split into instances: ${why}`
  })
  const data = flatten(member(output, 'data') ?? null)
  if (data === undefined) return cannot('its data are not scalars')
  if (data.length === 0 || !isJsonArray(member(output, 'data'))) {
    const isBinary = member(member(output, 'parameters'), 'binary_data_size') !== undefined
    return isBinary ? cannot('its data are binary') : { unusable: noOutput }
  }
  const shape = member(output, 'shape')
  const dimensions = isJsonArray(shape) ? shape : data.length === 1 ? [1] : undefined
  if (dimensions === undefined) return cannot('it has no shape')
  const size = dimensions.reduce<number>((product, each) => product * Number(each), 1)
  const count = dimensions.length === 0 ? 1 : firstDimension(dimensions)
  if (size !== data.length || count === undefined) {
    const shown = dimensions.map(String).join(', ').slice(0, 60)
    return cannot(`its shape [${shown}] does not have ${data.length} values`)
  }
  return { name, label, isSingle: data.length === 1, values: divided(data, count) }
}

/** Divides data into equal parts: a scalar, or an array of several. */
function divided(data: readonly JsonValue[], count: number): readonly JsonValue[] {
  const each = data.length / count
  if (each === 1) return data
  return Array.from({ length: count }, (_, at) => data.slice(at * each, (at + 1) * each))
}

function firstDimension(shape: JsonValue | undefined): number | undefined {
  const first = isJsonArray(shape) ? shape[0] : undefined
  return typeof first === 'number' && Number.isInteger(first) && first > 0 ? first : undefined
}

/** Returns the scalars of nested arrays; undefined if there is anything else in them. */
function flatten(value: JsonValue, depth = maxDepth): readonly JsonValue[] | undefined {
  if (!isJsonArray(value)) return isJsonObject(value) ? undefined : [value]
  if (depth === 0) return undefined
  if (value.every(each => !isJsonArray(each) && !isJsonObject(each))) return value
  const parts = value.map(each => flatten(each, depth - 1))
  return parts.some(part => part === undefined) ? undefined : parts.flatMap(part => part ?? [])
}

/** One scalar without a name is stored as a class. */
function stored(outputs: readonly Output[]): string | undefined {
  const [only] = outputs
  if (only === undefined) return undefined
  const isPlain = outputs.length === 1 && only.name === undefined && !isJsonArray(only.value)
  const text = isPlain ? classText(only.value) : undefined
  return text ?? rawPrediction(outputs)
}
