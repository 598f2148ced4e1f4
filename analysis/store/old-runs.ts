import type { Database } from './sqlite-database.ts'
import type { Store } from './store.ts'

/** Deletes what is not shown any more when another run begins. */
export function oldRuns({ run }: Database): Pick<Store, 'dropOldRuns'> {
  const ofRollout = 'SELECT id FROM run WHERE rollout = ?'
  const old = `${ofRollout} ORDER BY number DESC LIMIT -1 OFFSET ?`
  const analysesOf = (runs: string) => `SELECT id FROM analysis WHERE run IN (${runs})`
  return {
    dropOldRuns: (rollout, kept) => {
      run(`DELETE FROM cell WHERE analysis IN (${analysesOf(ofRollout)})`, rollout)
      run(`DELETE FROM latency WHERE run IN (${ofRollout})`, rollout)
      run(`DELETE FROM trace WHERE analysis IN (${analysesOf(old)})`, rollout, kept)
      run(`DELETE FROM hook WHERE run IN (${old})`, rollout, kept)
      run(`DELETE FROM analysis WHERE run IN (${old})`, rollout, kept)
      run(`DELETE FROM run WHERE id IN (${old})`, rollout, kept)
    }
  }
}
