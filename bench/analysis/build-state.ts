import { DatabaseSync } from 'node:sqlite'
import { Analyst } from '../../analysis/analyst.ts'
import { noWords } from '../../analysis/canary/canary-words.ts'
import { silentAnalysisObserver } from '../../analysis/observer.ts'
import { noSources } from '../../analysis/source/source-rules.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'

/** The objectives of the benchmark's hooks. */
export const objectives = {
  'precision.min': '0.92',
  'precision.versus': 'primary',
  'latency.p99.max': '100ms',
  'error-rate.max': '0.01',
  maturity: '0s',
  'max-analysis': '2160h'
}

const blocks = 60
const blockMs = 60_000

/**
 * Writes the state that this many events would have left: rollouts whose runs started an hour ago, with their
 * counts by block, and a row for each event. Rows are written by SQLite itself; counts as the ingest does.
 */
export async function buildState(
  file: string,
  { rollouts, events }: { readonly rollouts: number; readonly events: number }
): Promise<void> {
  const store = openSqliteStore(file)
  const startMs = Math.floor(Date.now() / blockMs) * blockMs - blocks * blockMs
  const analyst = new Analyst({
    store,
    declared: () => undefined,
    words: () => noWords,
    block: () => undefined,
    isByMatch: () => false,
    isNamespaceAllowed: () => true,
    sources: noSources,
    judged: () => undefined,
    observer: silentAnalysisObserver,
    nowMs: () => startMs
  })
  const metadata = new Map(Object.entries(objectives))
  for (let index = 0; index < rollouts; index += 1) {
    const rollout = { namespace: 'ml', name: `model-${index}` }
    await analyst.answer({
      type: 'rollout',
      rollout,
      phase: 'Progressing',
      checksum: 'c',
      metadata
    })
  }
  const perBlock = Math.floor(events / rollouts / blocks / 2)
  store.transaction(() => {
    for (const { run } of analyst.rollouts()) {
      for (const { row } of run.analyses) addCounts(store, row.id, { startMs, perBlock })
      for (const variant of ['primary', 'canary'] as const) {
        for (let bucket = 480; bucket < 580; bucket += 1) {
          const count = Math.ceil((perBlock * blocks) / 100)
          store.addLatency({ run: run.row.id, variant, bucket, count })
        }
      }
    }
  })
  store.close()
  addRows(file, { rollouts, events, startMs })
}

function addCounts(
  store: ReturnType<typeof openSqliteStore>,
  analysis: number,
  { startMs, perBlock }: { readonly startMs: number; readonly perBlock: number }
): void {
  const counters = [
    ['precision', 0.07],
    ['slower:100', 0.008],
    ['error', 0.004]
  ] as const
  for (const [counter, badRatio] of counters) {
    for (const variant of ['primary', 'canary'] as const) {
      for (let block = 0; block < blocks; block += 1) {
        const bad = Math.round(perBlock * badRatio)
        const counts = { events: perBlock, bad, onTimeEvents: perBlock, onTimeBad: bad }
        const cellMs = startMs + block * blockMs
        store.addChange({
          analysis,
          counter,
          change: { variant, cellMs, countsFromMs: 0, ...counts }
        })
      }
    }
  }
}

function addRows(
  file: string,
  state: { readonly rollouts: number; readonly events: number; readonly startMs: number }
): void {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; DROP INDEX prediction_id')
  database
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
       INSERT INTO prediction (rollout, id, time_ms, variant, predicted, label, latency_ms, is_error, arrived_ms)
       SELECT i % ?2 + 1, printf('request-%d', i / ?2), ?3 + i / ?2, i % 2, '1', '1', 20 + i % 70, 0, ?3
       FROM n`
    )
    .run(state.events, state.rollouts, state.startMs)
  database.exec('CREATE UNIQUE INDEX prediction_id ON prediction (rollout, id)')
  database.close()
}
