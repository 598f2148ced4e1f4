import { text, variantNumber, variantOf } from './row.ts'
import type { Database, Row } from './sqlite-database.ts'
import type { LatencyChange, Occurrence, Store, StoredChange } from './store.ts'

/** The tables of counts. */
export function countTables({
  run,
  all
}: Database): Pick<
  Store,
  | 'addChange'
  | 'changes'
  | 'addLatency'
  | 'latencies'
  | 'addOccurrence'
  | 'occurrences'
  | 'occurrencesOfAll'
> {
  return {
    addChange: ({ analysis, counter, change }) => {
      run(
        `INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
           events = events + excluded.events, bad = bad + excluded.bad,
           on_time_events = on_time_events + excluded.on_time_events,
           on_time_bad = on_time_bad + excluded.on_time_bad`,
        analysis,
        counter,
        variantNumber(change.variant),
        change.cellMs,
        change.countsFromMs,
        change.events,
        change.bad,
        change.onTimeEvents,
        change.onTimeBad
      )
    },
    changes: analysis =>
      all('SELECT * FROM cell WHERE analysis = ? ORDER BY at_ms', analysis).map(changeOf),
    addLatency: ({ run: id, variant, bucket, count }) => {
      run(
        'INSERT INTO latency VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
        id,
        variantNumber(variant),
        bucket,
        count
      )
    },
    latencies: id => all('SELECT * FROM latency WHERE run = ?', id).map(latencyOf),
    addOccurrence: (rollout, what, count) => {
      run(
        'INSERT INTO occurrence VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
        rollout,
        what,
        count
      )
    },
    occurrences: rollout =>
      occurrencesOf(all('SELECT what, count FROM occurrence WHERE rollout = ?', rollout)),
    occurrencesOfAll: () =>
      occurrencesOf(all('SELECT what, SUM(count) AS count FROM occurrence GROUP BY what'))
  }
}

function occurrencesOf(rows: readonly Row[]): ReadonlyMap<Occurrence, number> {
  return new Map(rows.map(row => [text(row.what) as Occurrence, Number(row.count)]))
}

function changeOf(row: Row): StoredChange {
  return {
    analysis: Number(row.analysis),
    counter: text(row.counter),
    change: {
      variant: variantOf(row.variant),
      cellMs: Number(row.at_ms),
      countsFromMs: Number(row.delayed),
      events: Number(row.events),
      bad: Number(row.bad),
      onTimeEvents: Number(row.on_time_events),
      onTimeBad: Number(row.on_time_bad)
    }
  }
}

function latencyOf(row: Row): LatencyChange {
  return {
    run: Number(row.run),
    variant: variantOf(row.variant),
    bucket: Number(row.bucket),
    count: Number(row.count)
  }
}
