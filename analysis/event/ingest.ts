import { blockStart } from '../counter/grid.ts'
import { cutsFrom } from '../run/history.ts'
import { histogramOf } from '../run/rollouts.ts'
import type { LiveRollout, LiveRun, Rollouts } from '../run/rollouts.ts'
import { bucketOf } from '../statistics/latency/log-histogram.ts'
import type { Occurrence, Store } from '../store/store.ts'
import type { Knowledge } from '../counter/changes.ts'
import { ChangeBatch } from '../store/change-batch.ts'
import type { DriftWatches } from '../drift/drift-watches.ts'
import { join, outcomeOf } from './join.ts'
import type { Message } from './message.ts'

/** What becomes of a message; `kept`: no run goes on that it counts for, or it is not whole yet. */
export type Taken = 'counted' | 'kept' | Occurrence

/** How many messages became what. */
export type Tally = ReadonlyMap<Taken, number>

/**
 * Counts messages, in one transaction: when it returns they are durable and count once, whatever is sent
 * again. Event time is the messages' own; `nowMs`, the time of arrival, says what is late.
 */
export function ingest(
  store: Store,
  rollouts: Rollouts,
  messages: readonly Message[],
  { nowMs, drift }: { readonly nowMs: number; readonly drift: DriftWatches }
): Tally {
  const tally = new Map<Taken, number>()
  try {
    store.transaction(() => {
      const touched = new Set<LiveRollout>()
      const changes = new ChangeBatch()
      for (const message of messages) {
        const rollout = rollouts.findOrAdd(message.rollout)
        touched.add(rollout)
        const taken = take(store, rollouts, { rollout, message, nowMs, changes, drift })
        tally.set(taken, (tally.get(taken) ?? 0) + 1)
        if (taken !== 'counted' && taken !== 'kept') {
          changes.addOccurrence(rollout.row.id, taken, 1)
        }
      }
      changes.write(store)
      for (const rollout of touched) {
        if (rollout.run !== undefined) freezeCuts(rollouts, rollout.run, nowMs)
        drift.advance(rollout, nowMs)
      }
    })
  } catch (error) {
    rollouts.forget()
    drift.forget()
    throw error
  }
  return tally
}

interface Arrival {
  readonly rollout: LiveRollout
  readonly message: Message
  readonly nowMs: number
  readonly changes: ChangeBatch
  readonly drift: DriftWatches
}

function take(
  store: Store,
  rollouts: Rollouts,
  { rollout, message, nowMs, changes, drift }: Arrival
): Taken {
  const { id } = rollout.row
  const stored = store.prediction(id, message.id)
  const joined = join(stored, message)
  if (joined.kind !== 'changed') return joined.kind
  store.putPrediction(id, message.id, {
    prediction: joined.stored,
    isNew: stored === undefined,
    nowMs
  })
  const cameTogether = message.kind === 'prediction' && message.label !== undefined
  const [before, after] = [outcomeOf(stored), outcomeOf(joined.stored)]
  // A second half without the rest is the same orphan as the first.
  if (after === undefined) return stored === undefined ? 'orphaned' : 'kept'
  if (stored !== undefined && before === undefined) changes.addOccurrence(id, 'orphaned', -1)
  const knowledge = { before, after, cameTogether }
  drift.take(rollout, knowledge, nowMs)
  return count(rollouts, changes, { rollout, nowMs, knowledge })
}

interface Known {
  readonly rollout: LiveRollout
  readonly knowledge: Knowledge
  readonly nowMs: number
}

/** Counts for every analysis of the run that goes on; without one there is nothing to count for. */
function count(
  rollouts: Rollouts,
  changes: ChangeBatch,
  { rollout, knowledge, nowMs }: Known
): Taken {
  const { run } = rollout
  if (run?.row.endedMs !== null) return 'kept'
  const { before, after } = knowledge
  if (after.timeMs < run.row.startedMs) return 'before-run'
  let isLate = false
  for (const live of run.analyses) {
    if (live.state.analysis.source !== 'events') continue
    if (rollouts.count(run, live, { knowledge, arrivedMs: nowMs, changes })) isLate = true
  }
  if (before === undefined && after.latencyMs !== undefined) {
    const bucket = bucketOf(after.latencyMs)
    const counts = run.latencies[after.variant]
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
    changes.addLatency({ run: run.row.id, variant: after.variant, bucket, count: 1 })
  }
  return isLate ? 'late' : 'counted'
}

/** As soon as enough of the primary's latencies are known, they are cuts from the next block on. */
function freezeCuts(rollouts: Rollouts, run: LiveRun, nowMs: number): void {
  if (run.row.facts.cuts !== null) return
  const compared = run.analyses.find(({ state }) =>
    state.counters.some(({ counter }) => counter.kind === 'cut')
  )
  if (compared === undefined) return
  const { blockMs } = compared.state.analysis
  const cuts = cutsFrom(histogramOf(run, 'primary'), blockStart({ blockMs }, nowMs) + blockMs)
  if (cuts !== null) rollouts.update(run, { facts: { ...run.row.facts, cuts } })
}
