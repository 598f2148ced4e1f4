import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { TrainingResult } from './training-result.ts'

/** What is registered: a result, where, and what has been found out about it. */
export interface Registration {
  readonly result: TrainingResult
  readonly environment: string
  readonly modelDigest: string
  /** Undefined if the artifact was not checked and the result names none. */
  readonly artifactDigest: string | undefined
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * A registry entry: a RegisteredModel in its one canonical form, with literal values. It names what was trained,
 * never what is at HEAD, so another commit does not change it.
 */
export function entryOf(registration: Registration): JsonObject {
  const { result, environment, modelDigest, artifactDigest, parameters } = registration
  const { run, dataset, artifact } = result
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'RegisteredModel',
    metadata: { name: result.model },
    spec: defined({
      name: result.model,
      version: result.version,
      stage: environment,
      modelDigest,
      modelCommit: result.commit,
      gitCommit: result.commit,
      artifactPath: artifact.uri,
      artifactDigest,
      run: defined({ system: run.system, id: run.id, uid: run.uid, url: run.url }),
      training: defined({
        dataset: defined({
          name: dataset.name,
          uri: dataset.uri,
          digest: dataset.digest,
          rows: dataset.rows
        }),
        parameters: Object.keys(parameters).length === 0 ? undefined : parameters
      }),
      metrics: metricsOf(result)
    })
  }
}

const metricOrder = ['dataset', 'precision', 'recall', 'f1', 'accuracy', 'auc', 'errorRate']
const orderOfOthers: Readonly<Record<string, readonly string[]>> = {
  dataset: ['name', 'digest', 'rows'],
  latencyMs: ['p50', 'p90', 'p95', 'p99']
}

function metricsOf({ metrics }: TrainingResult): JsonObject {
  return defined(
    Object.fromEntries(
      [...metricOrder, 'latencyMs'].map(name => {
        const order = orderOfOthers[name]
        const value = metrics[name]
        return [name, order === undefined || value === undefined ? value : ordered(value, order)]
      })
    )
  )
}

function ordered(value: JsonValue, names: readonly string[]): JsonObject {
  const members = value as JsonObject
  return defined(Object.fromEntries(names.map(name => [name, members[name]])))
}

function defined(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const kept = Object.entries(members).filter(
    (entry): entry is [string, JsonValue] => entry[1] !== undefined
  )
  return Object.fromEntries(kept)
}
