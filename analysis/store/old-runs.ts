import type { Database } from './sqlite-database.ts'
import type { Store } from './store.ts'

const ofRollout = 'SELECT id FROM run WHERE rollout = ?'
const analysesOf = (runs: string) => `SELECT id FROM analysis WHERE run IN (${runs})`

/** Deletes data of old runs when another run starts, and of rollouts without activity. */
export function oldRuns({
  run,
  all
}: Database): Pick<Store, 'dropOldRuns' | 'silentRollouts' | 'dropRollout'> {
  const old = `${ofRollout} ORDER BY number DESC LIMIT -1 OFFSET ?`
  const dropOldRuns = (rollout: number, kept: number) => {
    run(`DELETE FROM cell WHERE analysis IN (${analysesOf(ofRollout)})`, rollout)
    run(`DELETE FROM cluster WHERE analysis IN (${analysesOf(ofRollout)})`, rollout)
    run(`DELETE FROM ranked WHERE analysis IN (${analysesOf(ofRollout)})`, rollout)
    run(`DELETE FROM latency WHERE run IN (${ofRollout})`, rollout)
    run(`DELETE FROM trace WHERE analysis IN (${analysesOf(old)})`, rollout, kept)
    run(`DELETE FROM hook WHERE run IN (${old})`, rollout, kept)
    run(`DELETE FROM analysis WHERE run IN (${old})`, rollout, kept)
    run(`DELETE FROM run WHERE id IN (${old})`, rollout, kept)
  }
  return {
    dropOldRuns,
    silentRollouts: (beforeMs, most) =>
      all(
        `SELECT id FROM rollout
         WHERE NOT EXISTS (SELECT 1 FROM prediction WHERE prediction.rollout = rollout.id)
           AND NOT EXISTS (SELECT 1 FROM run WHERE run.rollout = rollout.id AND last_hook_ms >= ?)
         LIMIT ?`,
        beforeMs,
        most
      ).map(row => Number(row.id)),
    dropRollout: rollout => {
      dropOldRuns(rollout, 0)
      run('DELETE FROM drift WHERE rollout = ?', rollout)
      run('DELETE FROM occurrence WHERE rollout = ?', rollout)
      run('DELETE FROM rollout WHERE id = ?', rollout)
    }
  }
}
