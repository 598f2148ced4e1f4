import type { StoredPrediction } from '../event/join.ts'
import { nullableNumber, nullableText, variantNumber, variantOf } from './row.ts'
import type { Database, Row } from './sqlite-database.ts'
import type { ArrivedPrediction, Store } from './store.ts'

const insertPrediction = `INSERT INTO prediction (time_ms, variant, predicted, label, latency_ms, is_error, request_ms,
             response_ms, label_ms, cluster, arrived_ms, rollout, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const updatePrediction = `UPDATE prediction SET time_ms = ?, variant = ?, predicted = ?, label = ?, latency_ms = ?,
             is_error = ?, request_ms = ?, response_ms = ?, label_ms = ?, cluster = ?, arrived_ms = ?
           WHERE rollout = ? AND id = ?`
const selectPrediction = `SELECT time_ms, variant, predicted, label, latency_ms, is_error, request_ms, response_ms,
             label_ms, arrived_ms, mirrored, cluster FROM prediction WHERE rollout = ? AND id = ?`

const updateLabel = 'UPDATE prediction SET label = ?, label_ms = ? WHERE rollout = ? AND id = ?'

/** The table of predictions. */
export function predictionTable({
  run,
  get,
  all
}: Database): Pick<
  Store,
  'prediction' | 'putPrediction' | 'putLabel' | 'markMirrored' | 'recentPredictions' | 'prune'
> {
  return {
    prediction: (rollout, id) => {
      const row = get(selectPrediction, rollout, id)
      return row === undefined ? undefined : arrivedOf(row)
    },
    putPrediction: (rollout, id, { prediction, isNew, arrivedMs }) => {
      run(
        isNew ? insertPrediction : updatePrediction,
        prediction.timeMs,
        prediction.variant === null ? null : variantNumber(prediction.variant),
        prediction.predicted,
        prediction.label,
        prediction.latencyMs,
        prediction.isError ? 1 : 0,
        prediction.requestMs,
        prediction.responseMs,
        prediction.labelMs,
        prediction.cluster,
        arrivedMs,
        rollout,
        id
      )
    },
    putLabel: (rollout, id, { label, labelMs }) => {
      run(updateLabel, label, labelMs, rollout, id)
    },
    markMirrored: (rollout, id) => {
      run('UPDATE prediction SET mirrored = 1 WHERE rollout = ? AND id = ?', rollout, id)
    },
    recentPredictions: (rollout, fromMs, most) =>
      all(
        `SELECT * FROM (SELECT * FROM prediction ORDER BY n DESC LIMIT ?)
         WHERE rollout = ? AND COALESCE(time_ms, request_ms) >= ?`,
        most,
        rollout,
        fromMs
      ).map(arrivedOf),
    prune: ({ beforeMs, afterMs }, most) => {
      const sql = `DELETE FROM prediction WHERE n IN
        (SELECT n FROM (SELECT n, arrived_ms FROM prediction ORDER BY n LIMIT ?)
         WHERE arrived_ms NOT BETWEEN ? AND ?)`
      return run(sql, most, beforeMs, afterMs).changes
    }
  }
}

function arrivedOf(row: Row): ArrivedPrediction {
  return { prediction: predictionOf(row), arrivedMs: Number(row.arrived_ms) }
}

function predictionOf(row: Row): StoredPrediction {
  return {
    timeMs: nullableNumber(row.time_ms),
    variant: row.variant === null ? null : variantOf(row.variant),
    predicted: nullableText(row.predicted),
    label: nullableText(row.label),
    labelMs: nullableNumber(row.label_ms),
    latencyMs: nullableNumber(row.latency_ms),
    isError: row.is_error === 1,
    isMirrored: row.mirrored === 1,
    cluster: nullableText(row.cluster),
    requestMs: nullableNumber(row.request_ms),
    responseMs: nullableNumber(row.response_ms)
  }
}
