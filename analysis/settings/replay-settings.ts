import { className } from '../counter/class-name.ts'
import type { Objective } from './objective.ts'
import { isLatency } from './metric.ts'
import { durationMs, listOf, oneOf, signedNumber, wholeNumber, word } from './value.ts'
import type { Values } from './values.ts'

/** Tensor datatypes of the Open Inference Protocol. */
export const datatypes = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES'
] as const

/** Settings of `source: replay`. */
export interface ReplaySettings {
  readonly url: string
  readonly primaryUrl: string | undefined
  readonly protocol: 'v1' | 'v2'
  /** Undefined: the Canary's name. */
  readonly model: string | undefined
  readonly dataset: string
  readonly label: string
  /** Undefined: all except the label. */
  readonly features: readonly string[] | undefined
  readonly input: string
  readonly datatype: (typeof datatypes)[number]
  readonly output: string | undefined
  readonly classes: readonly string[] | undefined
  readonly threshold: number | undefined
  readonly batch: number
  readonly concurrency: number
  readonly timeoutMs: number
  readonly warmup: number
  readonly seed: number
  readonly stop: 'whole' | 'sure' | 'early'
  readonly waitMs: number
}

const maxBatch = 1_000
const maxConcurrency = 64

/** Reads `replay.*`. An objective that a replay cannot judge is a problem. */
export function readReplaySettings(
  values: Values,
  objectives: readonly Objective[]
): ReplaySettings {
  const batch = values.or('replay.batch', wholeNumber(1, maxBatch), 1)
  const primaryUrl = values.optional('replay.primary-url', word)
  for (const key of ['replay.url', 'replay.dataset']) {
    if (!values.has(key)) values.problems.push(`${key}: required by source: replay`)
  }
  for (const { metric, reference } of objectives) {
    const isLatencyMetric = isLatency(metric)
    if (isLatencyMetric && batch > 1) {
      values.problems.push(
        `${metric}: requires replay.batch: 1, because a batch has no latency per item`
      )
    }
    if (reference.kind !== 'primary') continue
    if (isLatencyMetric || metric === 'precision') {
      values.problems.push(
        `${metric}.versus: a replay compares only accuracy, recall and error-rate with the primary`
      )
    } else if (primaryUrl === undefined) {
      values.problems.push(`${metric}.versus: primary requires replay.primary-url`)
    }
  }
  return {
    url: values.or('replay.url', word, ''),
    primaryUrl,
    model: values.optional('replay.model', word),
    dataset: values.or('replay.dataset', word, ''),
    batch,
    ...readShape(values),
    ...readPace(values)
  }
}

function readShape(values: Values) {
  return {
    protocol: values.or('replay.protocol', oneOf('v1', 'v2'), 'v2' as const),
    label: values.or('replay.label', word, 'label'),
    features: values.optional('replay.features', listOf(word)),
    input: values.or('replay.input', word, 'input-0'),
    datatype: values.or('replay.datatype', oneOf(...datatypes), 'FP64' as const),
    output: values.optional('replay.output', word) ?? values.optional('output', word),
    classes: (
      values.optional('replay.classes', listOf(word)) ?? values.optional('classes', listOf(word))
    )?.map(className),
    threshold:
      values.optional('replay.threshold', signedNumber) ??
      values.optional('threshold', signedNumber)
  }
}

function readPace(values: Values) {
  return {
    concurrency: values.or('replay.concurrency', wholeNumber(1, maxConcurrency), 4),
    timeoutMs: values.or('replay.timeout', durationMs(1, 600_000), 5_000),
    warmup: values.or('replay.warmup', wholeNumber(0, 1_000), 5),
    seed: values.or('replay.seed', wholeNumber(0, 4_294_967_295), 1),
    stop: values.or('replay.stop', oneOf('whole', 'sure', 'early'), 'sure' as const),
    waitMs: values.or('replay.wait', durationMs(0, 600_000), 5_000)
  }
}
