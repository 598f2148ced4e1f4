import type { ClusterChange } from '../counter/cluster-book.ts'
import { text, variantNumber, variantOf } from './row.ts'
import type { Database, Row } from './sqlite-database.ts'
import type { Store } from './store.ts'

/** The table of clusters. */
export function clusterTable({
  run,
  all
}: Database): Pick<Store, 'addClusterChange' | 'clusterChanges'> {
  return {
    addClusterChange: (analysis, { variant, blockMs, cluster = '', counter, events, bad }) => {
      run(
        `INSERT INTO cluster VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
           events = events + excluded.events, bad = bad + excluded.bad`,
        analysis,
        blockMs,
        variantNumber(variant),
        cluster,
        counter,
        events,
        bad
      )
    },
    clusterChanges: analysis =>
      all('SELECT * FROM cluster WHERE analysis = ? ORDER BY block_ms', analysis).map(
        clusterChangeOf
      )
  }
}

function clusterChangeOf(row: Row): ClusterChange {
  const cluster = text(row.cluster)
  return {
    variant: variantOf(row.variant),
    blockMs: Number(row.block_ms),
    cluster: cluster === '' ? undefined : cluster,
    counter: text(row.counter),
    events: Number(row.events),
    bad: Number(row.bad)
  }
}
