import t from 'tap'
import { ChangeBatch } from '../../analysis/store/change-batch.ts'
import type { LatencyChange, StoredChange } from '../../analysis/store/store.ts'

const change = (events: number, countsFromMs = 0, cellMs = 1_000): StoredChange => ({
  analysis: 1,
  counter: 'error',
  change: {
    variant: 'canary',
    cellMs,
    countsFromMs,
    events,
    bad: events,
    onTimeEvents: events,
    onTimeBad: events
  }
})

const written = (batch: ChangeBatch) => {
  const changes: StoredChange[] = []
  const latencies: LatencyChange[] = []
  const occurrences: unknown[][] = []
  batch.write({
    putRanked: () => 0,
    addClusterChange: () => 0,
    addChange: stored => changes.push(stored),
    addLatency: latency => latencies.push(latency),
    addOccurrence: (...occurrence) => occurrences.push(occurrence)
  })
  return { changes, latencies, occurrences }
}

t.test('A batch writes each count once, and not what it took back', t => {
  const batch = new ChangeBatch()
  const first = change(1)
  batch.addChange(first)
  batch.addChange(change(2))
  batch.addChange(change(1, 5_000))
  batch.addChange(change(-1, 5_000))
  batch.addChange(change(-1, 6_000))
  batch.addChange(change(1, 0, 2_000))
  batch.addOccurrence(7, 'orphaned', 1)
  batch.addOccurrence(7, 'orphaned', -1)
  batch.addOccurrence(7, 'late', 2)
  batch.addOccurrence(7, 'late', 1)
  batch.addLatency({ run: 1, variant: 'canary', bucket: 3, count: 1 })
  batch.addLatency({ run: 1, variant: 'canary', bucket: 3, count: 1 })
  t.same(written(batch), {
    changes: [change(3), change(-1, 6_000), change(1, 0, 2_000)],
    latencies: [{ run: 1, variant: 'canary', bucket: 3, count: 2 }],
    occurrences: [[7, 'late', 3]]
  })
  t.same(first, change(1), 'a change that is in memory too stays as it is')
  t.end()
})
