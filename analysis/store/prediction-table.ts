import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type { StoredPrediction } from '../event/join.ts'
import type { StoredMeasures } from '../event/stored-measures.ts'
import { nullableNumber, nullableText, text, variantNumber, variantOf } from './row.ts'
import type { Database, Row } from './sqlite-database.ts'
import type { ArrivedPrediction, KeptPrediction, RecentPrediction, Store } from './store.ts'

/** The order of {@link valuesOf} and {@link keptOf}. */
const columns = [
  'time_ms',
  'variant',
  'predicted',
  'label',
  'latency_ms',
  'is_error',
  'request_ms',
  'response_ms',
  'label_ms',
  'arrived_ms',
  'mirrored',
  'cluster',
  'measures'
] as const

const insertPrediction = `INSERT INTO prediction (${columns.join(', ')}, rollout, id)
  VALUES (${columns.map(() => '?').join(', ')}, ?, ?)`
/** Most predictions have no more when they arrive, and each value that is bound takes time. */
const insertPlain = `INSERT INTO prediction (time_ms, variant, predicted, label, latency_ms, is_error, label_ms,
  arrived_ms, rollout, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const updatePrediction = `UPDATE prediction SET ${columns.map(name => `${name} = ?`).join(', ')} WHERE n = ?`
const selectPrediction = `SELECT ${columns.join(', ')}, n FROM prediction WHERE rollout = ? AND id = ?`
const selectPredictions = `SELECT ${columns.join(', ')}, n, prediction.id FROM json_each(?) AS wanted
  CROSS JOIN prediction ON prediction.rollout = ? AND prediction.id = wanted.value`
const updateLabel = 'UPDATE prediction SET label = ?, label_ms = ? WHERE n = ?'

/** The table of predictions. */
export function predictionTable({
  run,
  getValues,
  allValues,
  all
}: Database): Pick<
  Store,
  | 'prediction'
  | 'predictionsOf'
  | 'addPrediction'
  | 'updatePrediction'
  | 'putLabel'
  | 'recentPredictions'
  | 'prune'
> {
  return {
    prediction: (rollout, id) => {
      const values = getValues(selectPrediction, rollout, id)
      return values === undefined ? undefined : keptOf(values)
    },
    predictionsOf: (rollout, ids) => {
      const found = new Map<string, KeptPrediction>()
      for (const values of allValues(selectPredictions, JSON.stringify(ids), rollout)) {
        found.set(text(values[columns.length + 1]), keptOf(values))
      }
      return found
    },
    addPrediction: (rollout, id, arrived) => {
      const { prediction } = arrived
      if (isPlain(prediction)) addPlain(run, { ...arrived, rollout, id })
      else run(insertPrediction, ...valuesOf(arrived), rollout, id)
    },
    updatePrediction: (n, arrived) => {
      run(updatePrediction, ...valuesOf(arrived), n)
    },
    putLabel: (n, { label, labelMs }) => {
      run(updateLabel, label, labelMs, n)
    },
    recentPredictions: (rollout, fromMs, most) =>
      all(
        `SELECT * FROM (SELECT * FROM prediction ORDER BY n DESC LIMIT ?)
         WHERE rollout = ? AND COALESCE(time_ms, request_ms) >= ?`,
        most,
        rollout,
        fromMs
      ).map(recentOf),
    prune: ({ beforeMs, afterMs }, most) => {
      const sql = `DELETE FROM prediction WHERE n IN
        (SELECT n FROM (SELECT n, arrived_ms FROM prediction ORDER BY n LIMIT ?)
         WHERE arrived_ms NOT BETWEEN ? AND ?)`
      return run(sql, most, beforeMs, afterMs).changes
    }
  }
}

function isPlain(prediction: StoredPrediction): boolean {
  const { requestMs, responseMs, cluster, measures, isMirrored } = prediction
  const isLogged = requestMs !== null || responseMs !== null
  return !isLogged && cluster === null && measures === null && !isMirrored
}

function addPlain(
  run: Database['run'],
  {
    prediction: { timeMs, variant, predicted, label, latencyMs, isError, labelMs },
    arrivedMs,
    rollout,
    id
  }: ArrivedPrediction & { readonly rollout: number; readonly id: string }
): void {
  run(
    insertPlain,
    timeMs,
    variant === null ? null : variantNumber(variant),
    predicted,
    label,
    latencyMs,
    isError ? 1 : 0,
    labelMs,
    arrivedMs,
    rollout,
    id
  )
}

function valuesOf({ prediction, arrivedMs }: ArrivedPrediction): SQLInputValue[] {
  const { variant, isError, isMirrored, measures } = prediction
  return [
    prediction.timeMs,
    variant === null ? null : variantNumber(variant),
    prediction.predicted,
    prediction.label,
    prediction.latencyMs,
    isError ? 1 : 0,
    prediction.requestMs,
    prediction.responseMs,
    prediction.labelMs,
    arrivedMs,
    isMirrored ? 1 : 0,
    prediction.cluster,
    measures === null ? null : JSON.stringify(measures)
  ]
}

function keptOf(values: readonly SQLOutputValue[]): KeptPrediction {
  const [timeMs, variant, predicted, label, latencyMs, isError] = values
  const requestMs = values[6]
  const responseMs = values[7]
  const labelMs = values[8]
  const arrivedMs = values[9]
  const mirrored = values[10]
  const cluster = values[11]
  const measures = nullableText(values[12])
  const n = values[13]
  const prediction: StoredPrediction = {
    timeMs: nullableNumber(timeMs),
    variant: variant === null ? null : variantOf(variant),
    predicted: nullableText(predicted),
    label: nullableText(label),
    labelMs: nullableNumber(labelMs),
    latencyMs: nullableNumber(latencyMs),
    isError: isError === 1,
    requestMs: nullableNumber(requestMs),
    responseMs: nullableNumber(responseMs),
    isMirrored: mirrored === 1,
    cluster: nullableText(cluster),
    measures: measures === null ? null : (JSON.parse(measures) as StoredMeasures)
  }
  return { prediction, arrivedMs: Number(arrivedMs), n: Number(n) }
}

function recentOf(row: Row): RecentPrediction {
  const kept = keptOf([...columns, 'n'].map(name => row[name] ?? null))
  return { ...kept, key: text(row.id) }
}
