import t from 'tap'
import { keepRetention } from '../../analysis/store/retention.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import type { Store } from '../../analysis/store/store.ts'
import { createLogger } from '../../service/log.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'

const hourMs = 3_600_000

/** A service's retention, paused at each wait so that tests can check it. */
class Kept {
  nowMs = startMs
  readonly pausesMs: number[] = []
  readonly silentMs: number[] = []
  readonly lines: string[] = []
  #resume: () => void = () => undefined
  readonly end: () => void

  constructor(store: Pick<Store, 'prune'>) {
    this.end = keepRetention({
      store,
      analyst: {
        dropSilent: beforeMs => {
          this.silentMs.push(this.nowMs - beforeMs)
        }
      },
      retentionMs: hourMs,
      nowMs: () => this.nowMs,
      logger: createLogger({
        level: 'error',
        write: line => this.lines.push(line),
        now: () => startMs
      }),
      clock: {
        sleep: async (ms, signal) => {
          this.pausesMs.push(ms)
          await new Promise<void>(resolve => {
            this.#resume = resolve
            signal.addEventListener('abort', () => {
              resolve()
            })
          })
        }
      }
    })
  }

  async passes(ms: number): Promise<void> {
    this.nowMs += ms
    this.#resume()
    await new Promise(setImmediate)
  }
}

/** A store that received this many predictions at a time. */
function storeOf(arrivals: readonly (readonly [atMs: number, events: number])[]): Store {
  const store = openSqliteStore(':memory:')
  const { id } = store.addRollout({ namespace: 'ml', name: 'churn' })
  store.transaction(() => {
    for (const [at, [nowMs, events]] of arrivals.entries()) {
      for (let event = 0; event < events; event += 1) {
        const prediction = {
          timeMs: nowMs,
          variant: 'canary',
          predicted: '1',
          label: null,
          labelMs: null,
          latencyMs: 1,
          isError: false,
          requestMs: null,
          responseMs: null,
          isMirrored: false,
          cluster: null,
          measures: null
        } as const
        store.addPrediction(id, `${at}-${event}`, { prediction, arrivedMs: nowMs })
      }
    }
  })
  return store
}

const left = (store: Store) => [...store.recentPredictions(1, 0, 1e6)].length

t.test('Predictions are deleted in parts, as fast as they can arrive', async t => {
  const store = storeOf([
    [startMs - hourMs - 1, 12_000],
    [startMs - hourMs, 10]
  ])
  const kept = new Kept(store)
  t.equal(left(store), 7_010)
  await kept.passes(0)
  t.equal(left(store), 2_010)
  await kept.passes(0)
  t.equal(left(store), 10)
  await kept.passes(1)
  t.equal(left(store), 0)
  t.same(kept.pausesMs, [100, 100, 60_000, 60_000])
  t.same(kept.silentMs, [90 * 24 * hourMs, 90 * 24 * hourMs])
  kept.end()
  await kept.passes(0)
  t.equal(kept.pausesMs.length, 4, 'nothing runs after its end')
})

t.test('Predictions that arrived while the clock was ahead are deleted early', async t => {
  const store = storeOf([
    [startMs + hourMs + 1, 6_000],
    [startMs + hourMs, 5]
  ])
  const kept = new Kept(store)
  await kept.passes(0)
  t.equal(left(store), 5)
  kept.end()
})

t.test('A store that cannot be written is retried', async t => {
  let isFull = true
  const kept = new Kept({
    prune: () => {
      if (isFull) throw new Error('database or disk is full')
      return 0
    }
  })
  t.match(kept.lines[0], '"message":"cannot delete old predictions and rollouts; retrying"')
  isFull = false
  await kept.passes(60_000)
  t.equal(kept.lines.length, 1)
  t.same(kept.pausesMs, [60_000, 60_000])
  kept.end()
})

t.test('A rollout without activity is forgotten with all its data', async t => {
  const bench = new BenchTop()
  const { store } = bench
  const asked = { 'error-rate.max': '0.05', maturity: '0s' }
  const other = { ...rollout, name: 'other' }
  await bench.hook('rollout', asked)
  await bench.hook('rollout', asked, { rollout: other })
  await bench.send('primary', { events: 300 })
  bench.nowMs += 300_000
  await bench.analyst.ingest([bench.prediction({ rollout: { ...rollout, name: 'events-only' } })])
  t.ok(bench.analyst.drift(rollout).some(({ windows }) => windows > 0))
  const names = () => store.rollouts().map(({ name }) => name)
  const drop = (beforeMs: number) => {
    bench.analyst.dropSilent(beforeMs)
  }
  drop(bench.nowMs + 1)
  t.same(names(), ['churn', 'events-only'], 'those with predictions stay: their drift is watched')
  store.prune({ beforeMs: bench.nowMs + 1, afterMs: Infinity }, 1e6)
  drop(startMs)
  t.same(names(), ['churn'], 'a hook counts as activity too')
  drop(startMs + 1)
  t.same(names(), [])
  t.same([store.runs(1, 9), store.analyses(1), store.hooks(1, 9), store.trace(1)], [[], [], [], []])
  t.same([[...store.changes(1)], [...store.latencies(1)], store.drift(1)], [[], [], undefined])
  t.equal(bench.analyst.rollouts().length, 0)
  t.equal(bench.analyst.view(other).kind, 'unknown')
  t.equal(await bench.hook('rollback'), `404 ${unknown}`)
  t.equal(await bench.hook('rollout', asked), '200 no-data: no data yet', 'and starts again')
  t.ok(bench.analyst.drift(rollout).every(({ windows }) => windows === 0))
  bench.restart()
  t.equal(bench.analyst.rollouts().length, 1)
})

const unknown =
  'the canary ml/churn is unknown: none of its hooks named objectives, and there is no ModelAnalysis with its name'
