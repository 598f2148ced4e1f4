import { Fault, listNames } from '../../common/fault.ts'
import { isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'

const ratioNames: Readonly<Record<string, string>> = {
  precision: 'baseline.precision',
  recall: 'baseline.recall',
  accuracy: 'baseline.accuracy',
  f1: 'baseline.f1',
  'f1-score': 'baseline.f1',
  f1_score: 'baseline.f1',
  auc: 'baseline.auc',
  roc_auc: 'baseline.auc',
  'error-rate': 'baseline.error-rate',
  error_rate: 'baseline.error-rate',
  errorRate: 'baseline.error-rate'
}
const eventNames = ['events', 'rows', 'samples', 'n']
const quantiles = ['p50', 'p90', 'p95', 'p99']
const maxDepth = 4

/**
 * Reads a baseline from a file in Git: `spec.metrics` of a RegisteredModel, or the one mapping with known
 * metrics in a metrics file (JSON or YAML, and nested as DVC writes it).
 *
 * @returns objective settings, such as `baseline.precision`
 * @throws {Fault} `BASELINE_INVALID` and those of YAML
 */
export function readBaselineFile(text: string, name: string): ReadonlyMap<string, string> {
  const documents = readYaml(text, { file: name }).map(({ value }) => value)
  const models = documents.filter(isRegisteredModel)
  const found =
    models.length > 0
      ? models.map(model => member(member(model, 'spec'), 'metrics'))
      : findMetrics(documents)
  const [metrics] = found
  if (found.length !== 1 || !isJsonObject(metrics)) {
    throw new Fault(
      'BASELINE_INVALID',
      `${name}: there ${found.length > 1 ? `are ${found.length} sets of metrics` : 'are no metrics'}`,
      { where: name, expected: `one mapping with ${listNames(Object.keys(ratioNames))}` }
    )
  }
  return readMetrics(metrics)
}

function isRegisteredModel(value: JsonValue): boolean {
  const version = stringMember(value, 'apiVersion') ?? ''
  return stringMember(value, 'kind') === 'RegisteredModel' && version.startsWith('mlgitops.io/')
}

/** The mappings with metrics that are nearest to the top. */
function findMetrics(values: readonly JsonValue[], depth = 0): readonly JsonObject[] {
  const mappings = values.filter(value => isJsonObject(value))
  const found = mappings.filter(value => readMetrics(value).size > 0)
  if (found.length > 0 || depth === maxDepth || mappings.length === 0) return found
  return findMetrics(
    mappings.flatMap(mapping => Object.values(mapping)),
    depth + 1
  )
}

function readMetrics(metrics: JsonObject): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  for (const [name, key] of Object.entries(ratioNames)) {
    const value = member(metrics, name)
    if (typeof value === 'number') keys.set(key, String(value))
  }
  for (const quantile of quantiles) {
    const milliseconds = member(member(metrics, 'latencyMs'), quantile)
    const duration = member(member(metrics, 'latency'), quantile)
    if (typeof milliseconds === 'number')
      keys.set(`baseline.latency.${quantile}`, `${milliseconds}ms`)
    if (typeof duration === 'string') keys.set(`baseline.latency.${quantile}`, duration)
  }
  if (keys.size === 0) return keys
  const counted = [metrics, member(metrics, 'dataset')].flatMap(holder =>
    eventNames.flatMap(name => member(holder, name) ?? [])
  )
  const events = counted.find(value => typeof value === 'number')
  if (events !== undefined) keys.set('baseline.events', String(events))
  return keys
}
