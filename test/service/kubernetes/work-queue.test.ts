import t from 'tap'
import { WorkQueue } from '../../../service/kubernetes/work-queue.ts'
import { until } from '../loopback.ts'
import { fastClock } from './served.ts'

/** A queue whose work ends when the test says so. */
function prepare(t: Tap, concurrency: number, results: Readonly<Record<string, number>> = {}) {
  const begun: string[] = []
  const failures: string[] = []
  const waiting = new Map<string, (error?: Error) => void>()
  const queue = new WorkQueue({
    concurrency,
    work: async (key, signal) => {
      begun.push(key)
      await new Promise<void>((resolve, reject) => {
        waiting.set(key, error => {
          if (error === undefined) resolve()
          else reject(error)
        })
        signal.addEventListener('abort', () => {
          resolve()
        })
      })
      return results[key]
    },
    failed: (key, error) => failures.push(`${key} ${(error as Error).message}`),
    clock: { ...fastClock, random: () => 0 }
  })
  t.teardown(() => queue.stop())
  const end = (key: string, error?: Error) => {
    waiting.get(key)?.(error)
  }
  return { queue, begun, failures, end }
}

type Tap = Pick<typeof t, 'teardown'>

t.test('a key is reconciled once at a time, and again if it was added meanwhile', async t => {
  const { queue, begun, end } = prepare(t, 2)
  for (const key of ['a', 'b', 'c', 'a']) queue.add(key)
  t.same(begun, [], 'nothing before it starts')
  queue.start()
  t.same(begun, ['a', 'b'], 'two at a time')
  queue.add('a')
  t.equal(queue.length, 2)
  end('b')
  await until(() => begun.length === 3)
  t.same(begun, ['a', 'b', 'c'], 'a waits for itself')
  end('a')
  await until(() => begun.length === 4)
  t.equal(begun[3], 'a')
  end('a')
  end('c')
  await until(() => queue.isIdle)
  t.same(queue.counts, { done: 4, failed: 0 })
})

t.test('a failed key is retried; a key that asks for it is reconciled again', async t => {
  const { queue, begun, failures, end } = prepare(t, 1, { again: 20 })
  queue.start()
  queue.add('bad')
  end('bad', new Error('no'))
  await until(() => begun.length === 2)
  t.same([begun, failures], [['bad', 'bad'], ['bad no']])
  end('bad')
  await until(() => queue.isIdle)
  queue.add('again')
  await until(() => begun.at(-1) === 'again')
  end('again')
  await until(() => begun.length === 4)
  t.same(queue.counts, { done: 2, failed: 1 })
})

t.test('a key that is due in a month is not reconciled at once', async t => {
  const { queue, begun, end } = prepare(t, 1, {
    monthly: 30 * 86_400_000,
    never: Infinity,
    soon: 1
  })
  queue.start()
  for (const key of ['monthly', 'never']) {
    queue.add(key)
    await until(() => begun.at(-1) === key)
    end(key)
    await until(() => queue.isIdle)
  }
  queue.add('soon')
  await until(() => begun.at(-1) === 'soon')
  end('soon')
  await until(() => begun.length > 3)
  t.same(begun, ['monthly', 'never', 'soon', 'soon'])
})

t.test('a queue that stops aborts what runs, waits for it, and starts nothing more', async t => {
  const { queue, begun } = prepare(t, 1)
  queue.start()
  queue.add('a')
  queue.add('b')
  await queue.stop()
  queue.add('c')
  t.same(begun, ['a'])
  t.ok(queue.isIdle)
})
