import { text } from './row.ts'
import type { Database } from './sqlite-database.ts'
import type { Store } from './store.ts'

/** The table of drift. */
export function driftTable({ run, get }: Database): Pick<Store, 'drift' | 'putDrift'> {
  return {
    drift: rollout => {
      const row = get('SELECT state FROM drift WHERE rollout = ?', rollout)
      return row === undefined ? undefined : text(row.state)
    },
    putDrift: (rollout, state) => {
      run(
        'INSERT INTO drift VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
        rollout,
        state
      )
    }
  }
}
