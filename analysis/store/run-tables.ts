import type { RunFacts } from '../run/run-facts.ts'
import { nullableNumber, nullableText, text } from './row.ts'
import type { Database, Row } from './sqlite-database.ts'
import type { RolloutRow, RunRow, Store } from './store.ts'

/** The tables of rollouts and runs. */
export function runTables({
  run,
  all,
  get
}: Database): Pick<Store, 'rollouts' | 'addRollout' | 'lastRun' | 'runs' | 'addRun' | 'updateRun'> {
  return {
    rollouts: () => all('SELECT * FROM rollout').map(rolloutOf),
    addRollout: ({ namespace, name }) => {
      const { id } = run('INSERT INTO rollout (namespace, name) VALUES (?, ?)', namespace, name)
      return { id, namespace, name }
    },
    lastRun: rollout => {
      const row = get('SELECT * FROM run WHERE rollout = ? ORDER BY number DESC LIMIT 1', rollout)
      return row === undefined ? undefined : runOf(row)
    },
    runs: (rollout, most) =>
      all('SELECT * FROM run WHERE rollout = ? ORDER BY number DESC LIMIT ?', rollout, most).map(
        runOf
      ),
    addRun: row => {
      const { id } = run(
        'INSERT INTO run (rollout, number, checksum, started_ms, last_hook_ms, ended_ms, ended_phase, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        row.rollout,
        row.number,
        row.checksum,
        row.startedMs,
        row.lastHookMs,
        row.endedMs,
        row.endedPhase,
        JSON.stringify(row.facts)
      )
      return { ...row, id }
    },
    updateRun: row => {
      run(
        'UPDATE run SET last_hook_ms = ?, ended_ms = ?, ended_phase = ?, facts = ? WHERE id = ?',
        row.lastHookMs,
        row.endedMs,
        row.endedPhase,
        JSON.stringify(row.facts),
        row.id
      )
    }
  }
}

function rolloutOf(row: Row): RolloutRow {
  return { id: Number(row.id), namespace: text(row.namespace), name: text(row.name) }
}

function runOf(row: Row): RunRow {
  return {
    id: Number(row.id),
    rollout: Number(row.rollout),
    number: Number(row.number),
    checksum: text(row.checksum),
    startedMs: Number(row.started_ms),
    lastHookMs: Number(row.last_hook_ms),
    endedMs: nullableNumber(row.ended_ms),
    endedPhase: nullableText(row.ended_phase),
    facts: JSON.parse(text(row.facts)) as RunFacts
  }
}
