import { text } from './row.ts'
import type { Database } from './sqlite-database.ts'
import type { Store, TracePoint } from './store.ts'

/** Above this, every second point of an analysis is deleted, so that old points get sparser. */
const maxPoints = 400

/** The table of traces. */
export function traceTable({ run, all, get }: Database): Pick<Store, 'putTrace' | 'trace'> {
  return {
    putTrace: (analysis, slotMs, point) => {
      run('INSERT OR REPLACE INTO trace VALUES (?, ?, ?)', analysis, slotMs, JSON.stringify(point))
      const { points } =
        get('SELECT COUNT(*) AS points FROM trace WHERE analysis = ?', analysis) ?? {}
      if (Number(points) <= maxPoints) return
      run(
        `DELETE FROM trace WHERE analysis = ?1 AND slot_ms IN (
           SELECT slot_ms FROM (
             SELECT slot_ms, ROW_NUMBER() OVER (ORDER BY slot_ms) AS n FROM trace WHERE analysis = ?1
           ) WHERE n % 2 = 0)`,
        analysis
      )
    },
    trace: analysis =>
      all('SELECT point FROM trace WHERE analysis = ? ORDER BY slot_ms', analysis).map(
        row => JSON.parse(text(row.point)) as TracePoint
      )
  }
}
