import { DatabaseSync } from 'node:sqlite'
import path from 'node:path'
import t from 'tap'
import { migrations } from '../../analysis/store/schema.ts'
import { verdictJson } from '../../analysis/view/verdict-route.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'

const settings = JSON.stringify([
  ['accuracy.min', '0.5'],
  ['error-rate.max', '0.1'],
  ['maturity', '10s'],
  ['block', '10s']
])

/** Writes a state file of version 3: 100 predictions of the canary, 60 of them labelled. */
function writeVersion3(file: string, endedMs: number | null): void {
  const database = new DatabaseSync(file)
  for (const migration of migrations.slice(0, 3)) database.exec(migration)
  database.exec('PRAGMA user_version = 3')
  database.exec("INSERT INTO rollout VALUES (1, 'ml', 'churn')")
  database
    .prepare("INSERT INTO run VALUES (1, 1, 1, 'c1', ?, ?, ?, NULL, ?)")
    .run(startMs, startMs, endedMs, JSON.stringify({ cuts: null, history: {} }))
  database.prepare("INSERT INTO analysis VALUES (1, 1, 'digest', ?, NULL, NULL)").run(settings)
  const cell = database.prepare('INSERT INTO cell VALUES (1, ?, 1, ?, ?, ?, ?, ?, ?)')
  cell.run('accuracy', startMs, 1, 60, 0, 60, 0)
  cell.run('labelled', startMs, 1, 100, 40, 100, 40)
  cell.run('error', startMs, 0, 100, 3, 100, 3)
  const prediction = database.prepare(
    `INSERT INTO prediction (rollout, id, time_ms, variant, predicted, label, latency_ms, is_error, arrived_ms)
     VALUES (1, ?, ?, 1, '1', ?, 5, 0, ?)`
  )
  for (let at = 0; at < 100; at += 1) {
    prediction.run(`old-${at}`, startMs, at < 60 ? '1' : null, startMs)
  }
  // Two requests without a response.
  for (const id of ['request-1', 'request-2']) {
    database
      .prepare(
        `INSERT INTO prediction (rollout, id, variant, is_error, request_ms, arrived_ms)
         VALUES (1, ?, 1, 0, ?, ?)`
      )
      .run(id, startMs, startMs)
  }
  database.close()
}

const objectivesOf = (bench: BenchTop) => {
  const view = bench.analyst.view(rollout)
  if (view.kind !== 'judged') throw new Error('no verdict')
  return verdictJson(view.judged, bench.nowMs) as {
    readonly objectives: readonly unknown[]
    readonly run: unknown
  }
}

t.test('A running rollout continues in a state file of version 3', async t => {
  const file = path.join(t.testdir(), 'state.db')
  writeVersion3(file, null)
  const bench = new BenchTop({}, file)
  bench.nowMs += 30_000
  const counted = [
    { metric: 'accuracy', events: 60, bad: 0, coverage: 0.6, verdict: 'inconclusive' },
    { metric: 'error-rate', events: 0, bad: 0, verdict: 'no-data' }
  ]
  t.match(objectivesOf(bench), { objectives: counted, run: { number: 1, ended: null } })
  bench.restart()
  t.match(objectivesOf(bench).objectives, counted, 'it is counted again only once')
  await bench.analyst.ingest([
    bench.prediction({ label: '1' }),
    bench.prediction(),
    {
      kind: 'response',
      rollout,
      id: 'request-1',
      timeMs: startMs,
      variant: 'canary',
      predicted: '0'
    }
  ])
  bench.nowMs += 40_000
  t.match(objectivesOf(bench).objectives, [
    { events: 61, bad: 0, coverage: 61 / 103 },
    { events: 104, bad: 4 }
  ])
  bench.store.close()
})

t.test('A run that had ended keeps its counts', t => {
  const file = path.join(t.testdir(), 'state.db')
  writeVersion3(file, startMs + 60_000)
  const bench = new BenchTop({}, file)
  t.match(objectivesOf(bench).objectives, [
    { metric: 'accuracy', events: 60, bad: 0 },
    { metric: 'error-rate', events: 100, bad: 3 }
  ])
  bench.store.close()
  t.end()
})

t.test('A state file of version 6 keeps its counts, whole as they were', async t => {
  const file = path.join(t.testdir(), 'state.db')
  writeVersion3(file, null)
  const database = new DatabaseSync(file)
  for (const migration of migrations.slice(3, 6)) database.exec(migration)
  database.exec('UPDATE analysis SET recount = 0')
  database.exec('PRAGMA user_version = 6')
  const cell = database.prepare('INSERT OR REPLACE INTO cell VALUES (1, ?, 1, ?, ?, ?, ?, ?, ?)')
  cell.run('accuracy', startMs, 1, 60, 7, 60, 7)
  cell.run('labelled', startMs, 1, 100, 40, 100, 40)
  database.prepare('INSERT INTO cluster VALUES (1, ?, 1, ?, ?, 9, 2)').run(startMs, 'u', 'accuracy')
  const before = ['cell', 'cluster'].map(table => database.prepare(`SELECT * FROM ${table}`).all())
  database.close()
  const bench = new BenchTop({}, file)
  const migrated = new DatabaseSync(file)
  const after = ['cell', 'cluster'].map(table => migrated.prepare(`SELECT * FROM ${table}`).all())
  t.same(after, before)
  migrated.close()
  bench.nowMs += 30_000
  t.match(objectivesOf(bench).objectives, [
    { metric: 'accuracy', events: 60, bad: 7, coverage: 0.6 },
    { metric: 'error-rate', events: 100, bad: 3 }
  ])
  await bench.analyst.ingest([bench.prediction({ label: '0', scores: { helpful: 0.25 } })])
  bench.nowMs += 40_000
  t.match(objectivesOf(bench).objectives, [
    { events: 61, bad: 8 },
    { events: 101, bad: 3 }
  ])
  bench.store.close()
})
