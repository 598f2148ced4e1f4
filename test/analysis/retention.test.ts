import t from 'tap'
import { keepRetention } from '../../analysis/store/retention.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import type { Store } from '../../analysis/store/store.ts'
import { createLogger } from '../../service/log.ts'
import { startMs } from './bench-top.ts'

const hourMs = 3_600_000

/** A service's retention that is looked at while it waits. */
class Kept {
  nowMs = startMs
  readonly pausesMs: number[] = []
  readonly lines: string[] = []
  #goOn: () => void = () => undefined
  readonly end: () => void

  constructor(store: Pick<Store, 'prune'>) {
    this.end = keepRetention({
      store,
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
            this.#goOn = resolve
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
    this.#goOn()
    await new Promise(setImmediate)
  }
}

/** A store that so many predictions came to at a time. */
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
          latencyMs: 1,
          isError: false,
          requestMs: null,
          responseMs: null
        } as const
        store.putPrediction(id, `${at}-${event}`, { prediction, isNew: true, nowMs })
      }
    }
  })
  return store
}

const left = (store: Store) => [...store.recentPredictions(1, 0, 1e6)].length

t.test('Predictions are deleted as fast as they came, in parts', async t => {
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
  kept.end()
  await kept.passes(0)
  t.equal(kept.pausesMs.length, 4, 'nothing goes on after its end')
})

t.test('What came while the clock was ahead is not kept until it is there again', async t => {
  const store = storeOf([
    [startMs + hourMs + 1, 6_000],
    [startMs + hourMs, 5]
  ])
  const kept = new Kept(store)
  await kept.passes(0)
  t.equal(left(store), 5)
  kept.end()
})

t.test('A store that cannot be written ends nothing', async t => {
  let isFull = true
  const kept = new Kept({
    prune: () => {
      if (isFull) throw new Error('database or disk is full')
      return 0
    }
  })
  t.match(kept.lines[0], '"message":"old predictions cannot be deleted, and are tried again"')
  isFull = false
  await kept.passes(60_000)
  t.equal(kept.lines.length, 1)
  t.same(kept.pausesMs, [60_000, 60_000])
  kept.end()
})
