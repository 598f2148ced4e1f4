import { isJsonObject } from '../common/json.ts'
import type { JsonObject, JsonValue } from '../common/json.ts'
import type { SettingKey } from '../analysis/settings/setting-key.ts'
import { analysisKeys, metricKeys } from '../analysis/settings/keys.ts'
import { isError, isLatency, isSpeed, metrics } from '../analysis/settings/metric.ts'
import type { Metric } from '../analysis/settings/metric.ts'
import { wordsOf } from '../analysis/settings/metric-keys.ts'
import { presetNames } from '../analysis/settings/prometheus-presets.ts'
import { sourceKeys } from '../analysis/settings/source-keys.ts'
import { durationForm } from '../analysis/settings/value.ts'
import { crdStatus } from './crd-status.ts'
import { wholeObject, writeDefinition } from './generate-crds.ts'

/** The path of the generated file. */
export const modelAnalysisCrdPath = 'manifests/crds/modelanalyses.yaml'

const ready = '.status.conditions[?(@.type=="Ready")]'

/** The definition of ModelAnalysis: every key of the objective settings, nested at its dots. */
export function modelAnalysisCrd(): string {
  const { properties, ...spec } = nest(allKeys())
  const described = {
    description:
      'Objectives of the Canary with the same namespace and name: the keys of hook metadata, nested at their dots.',
    ...spec,
    properties: { ...(properties as JsonObject), latency: latencies(), score: scores() },
    minProperties: 1
  }
  return writeDefinition(
    {
      kind: 'ModelAnalysis',
      plural: 'modelanalyses',
      scope: 'Namespaced',
      columns: [
        { name: 'Ready', type: 'string', jsonPath: `${ready}.status` },
        { name: 'Verdict', type: 'string', jsonPath: '.status.run.verdict' },
        { name: 'Run', type: 'integer', jsonPath: '.status.run.number' },
        { name: 'Reason', type: 'string', jsonPath: '.status.run.reason', priority: 1 },
        { name: 'Message', type: 'string', jsonPath: `${ready}.message`, priority: 1 },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }
      ]
    },
    wholeObject(
      'How the canary of a model is judged, and the verdict on its newest run.',
      described,
      statusWithRun
    ),
    'the tables in analysis/settings'
  )
}

/** Every key by its whole name. */
function allKeys(): readonly SettingKey[] {
  return [...metrics.flatMap(keysOf), ...analysisKeys, ...sourceKeys]
}

function keysOf(metric: Metric): readonly SettingKey[] {
  return metricKeys
    .filter(({ name }) => wordsOf(metric).includes(name.slice(name.lastIndexOf('.') + 1)))
    .map(key => {
      const name = key.name.replace('<metric>', metric)
      const isLimit = /\.(?:min|max)$/.test(name)
      return isLimit
        ? { ...key, name, value: limitForm(metric), description: `the limit of ${metric}` }
        : { ...key, name }
    })
}

function limitForm(metric: Metric): string {
  if (isLatency(metric)) return durationForm
  return isError(metric) || isSpeed(metric) ? 'a number' : 'a ratio between 0 and 1'
}

/** A latency is of the whole request (latency.p99), or named by the user (latency.ttft.p99). */
function latencies(): JsonObject {
  const quantiles = ['p50', 'p90', 'p95', 'p99'] as const
  const own = nest(keysOf('latency.p99')).properties as Record<string, JsonValue>
  const ofRequest = (own.latency as JsonObject).properties as JsonObject
  const named = nest(quantiles.flatMap(each => keysOf(`latency.NAME.${each}`)))
  const byName = ((named.properties as JsonObject).latency as JsonObject).properties as JsonObject
  return {
    description:
      'Limits of latencies: of the whole request, such as latency.p99.max, and of latencies that events or histograms name, such as latency.ttft.p95.max.',
    type: 'object',
    maxProperties: 32,
    additionalProperties: {
      description: 'A quantile of the latency of the whole request, or a named latency.',
      type: 'object',
      properties: {
        ...((ofRequest.p99 as JsonObject).properties as JsonObject),
        ...((byName.NAME as JsonObject).properties as JsonObject)
      }
    }
  }
}

/** Scores are named by the user. */
function scores(): JsonObject {
  const named = nest(keysOf('score.NAME')).properties as Record<string, JsonValue>
  const { properties: byName = {} } = named.score as JsonObject
  const { NAME: each = {} } = byName as JsonObject
  return {
    description: 'Objectives of scores by their name, such as score.helpful.min.',
    type: 'object',
    maxProperties: 32,
    additionalProperties: each
  }
}

function nest(keys: readonly SettingKey[]): JsonObject {
  const properties: Record<string, JsonValue> = {}
  for (const key of keys) {
    const parts = key.name.split('.')
    let at = properties
    for (const [index, part] of parts.slice(0, -1).entries()) {
      const found = at[part]
      const inner = isJsonObject(found) ? found : group(parts.slice(0, index + 1).join('.'))
      at[part] = inner
      at = inner.properties as Record<string, JsonValue>
    }
    at[parts.at(-1) ?? ''] = leaf(key)
  }
  return { type: 'object', properties }
}

function group(name: string): JsonObject {
  return { description: `Keys that start with ${name}.`, type: 'object', properties: {} }
}

const anyForms = [
  'a number, or a percentage such as 5%',
  'a ratio between 0 and 1, a number for mae and bias',
  'a ratio between 0 and 1',
  'true or false',
  'on or off',
  'a class',
  'a number'
]
const textForms = [
  ...['a string', 'a URL', 'a file name', 'a file name or a URL', 'a series selector'],
  ...['label matchers', 'comma-separated names', 'a datatype of the Open Inference Protocol']
]

/** @throws {Error} for a form of values without a schema */
function leaf({ name, value, description, default: standard }: SettingKey): JsonObject {
  const meaning = `${description.charAt(0).toUpperCase()}${description.slice(1)}.`
  const otherwise = standard === undefined ? '' : ` Default: ${standard}.`
  return {
    description: `${meaning} Value: ${value}.${otherwise}`,
    ...schemaOf(name, value)
  }
}

function schemaOf(name: string, value: string): JsonObject {
  // Numbers, booleans and strings are valid, as in a hook's metadata. A structural schema has no such type, so
  // the analysis refuses other values itself, in the status.
  if (anyForms.includes(value)) return { 'x-kubernetes-preserve-unknown-fields': true }
  if (value === 'a whole number') return { 'x-kubernetes-int-or-string': true }
  if (value === durationForm) {
    return { type: 'string', maxLength: 40, pattern: '^(0|([0-9.]+(ns|us|µs|μs|ms|s|m|h))+)$' }
  }
  if (textForms.includes(value)) return { type: 'string', maxLength: 4096 }
  if (value === presetNames.join(', ')) return { type: 'string', enum: presetNames }
  const words = /^[\w-]+(?:, [\w-]+)* or [\w-]+$/.test(value) ? value.split(/, | or /) : []
  if (words.length > 0) return { type: 'string', enum: words }
  throw new Error(`${name}: there is no schema for ${value}`)
}

const status = crdStatus(
  'Whether the objectives are in use, and the verdict on the newest run.',
  'Ready is True once the objectives are in use.'
)

const statusWithRun: JsonObject = {
  ...status,
  properties: {
    ...(status.properties as JsonObject),
    run: {
      description: 'Newest run of the Canary with a hook, written at most twice a minute.',
      type: 'object',
      properties: {
        number: { description: 'Counted from 1.', type: 'integer', format: 'int64' },
        checksum: { description: 'Checksum that Flagger sends with its hooks.', type: 'string' },
        startedAt: { description: 'When it started.', type: 'string', format: 'date-time' },
        verdict: {
          description:
            'What the evidence shows, or what on-inconclusive decided after max-analysis.',
          type: 'string',
          enum: ['pass', 'fail', 'inconclusive', 'no-data']
        },
        reason: { description: 'Why, in words.', type: 'string' },
        settledBy: {
          description: 'The on-inconclusive policy, if it decided instead of the evidence.',
          type: 'string'
        }
      }
    }
  }
}
