import { nullableText, text } from './row.ts'
import type { Database, Row } from './sqlite-database.ts'
import type { AnalysisRow, HookRow, Store } from './store.ts'

/** Hook calls of a run that are kept. */
const keptHooks = 2_000

/** The tables of analyses and hook calls. */
export function analysisTables({
  run,
  all
}: Database): Pick<
  Store,
  | 'analyses'
  | 'addAnalysis'
  | 'updateAnalysis'
  | 'outdatedAnalyses'
  | 'markRecounted'
  | 'addHook'
  | 'hooks'
> {
  return {
    outdatedAnalyses: () =>
      all('SELECT id FROM analysis WHERE recount = 1').map(row => Number(row.id)),
    markRecounted: () => {
      run('UPDATE analysis SET recount = 0 WHERE recount = 1')
    },
    analyses: id => all('SELECT * FROM analysis WHERE run = ? ORDER BY id', id).map(analysisOf),
    addAnalysis: row => {
      const { id } = run(
        'INSERT INTO analysis (run, digest, notation, source_state, failed) VALUES (?, ?, ?, ?, ?)',
        row.run,
        row.digest,
        JSON.stringify([...row.settings]),
        row.sourceState,
        row.failed
      )
      return { ...row, id }
    },
    updateAnalysis: row => {
      run(
        'UPDATE analysis SET source_state = ?, failed = ? WHERE id = ?',
        row.sourceState,
        row.failed,
        row.id
      )
    },
    addHook: (id, { atMs, type, status, text: said }) => {
      run(
        'INSERT INTO hook (run, at_ms, type, status, text) VALUES (?, ?, ?, ?, ?)',
        id,
        atMs,
        type,
        status,
        said
      )
      run(
        `DELETE FROM hook WHERE run = ?1 AND n <=
           (SELECT n FROM hook WHERE run = ?1 ORDER BY n DESC LIMIT 1 OFFSET ?2)`,
        id,
        keptHooks
      )
    },
    hooks: (id, most) =>
      all('SELECT * FROM hook WHERE run = ? ORDER BY n DESC LIMIT ?', id, most).map(hookOf)
  }
}

function analysisOf(row: Row): AnalysisRow {
  return {
    id: Number(row.id),
    run: Number(row.run),
    digest: text(row.digest),
    settings: new Map(JSON.parse(text(row.notation)) as [string, string][]),
    sourceState: nullableText(row.source_state),
    failed: nullableText(row.failed)
  }
}

function hookOf(row: Row): HookRow {
  return {
    atMs: Number(row.at_ms),
    type: text(row.type),
    status: Number(row.status),
    text: text(row.text)
  }
}
