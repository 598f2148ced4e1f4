import { blockStart, cellDueMs } from '../counter/grid.ts'
import { cutsFrom } from '../run/history.ts'
import { countUpdate } from '../run/count-update.ts'
import { histogramOf } from '../run/latencies.ts'
import { countingIn } from '../run/counting-in.ts'
import type { LiveRollout, LiveRun, Rollouts } from '../run/rollouts.ts'
import { bucketOf } from '../statistics/latency/log-histogram.ts'
import type { ArrivedPrediction, Occurrence, Store } from '../store/store.ts'
import type { OtherPrediction, PredictionUpdate } from '../counter/update.ts'
import type { Outcome } from '../counter/outcome.ts'
import { PredictionBatch } from '../store/prediction-batch.ts'
import { ChangeBatch } from '../store/change-batch.ts'
import type { DriftWatches } from '../drift/drift-watches.ts'
import { join, outcomeOf } from './join.ts'
import type { Joined, StoredPrediction } from './join.ts'
import { storedRows } from './stored-rows.ts'
import type { StoredRow } from './stored-rows.ts'
import type { Message } from './message.ts'

/**
 * What happened to a message. `kept`: stored and not counted, because no run is open or the prediction is
 * incomplete.
 */
export type IngestResult = 'counted' | 'kept' | Occurrence

/** The number of messages by result. */
export type IngestCounts = ReadonlyMap<IngestResult, number>

/**
 * Counts messages in one transaction. When it returns they are durable, and a message that is sent again
 * does not count again. Counts belong to event time; the arrival time `nowMs` decides what is late.
 */
export function ingest(
  store: Store,
  rollouts: Rollouts,
  messages: readonly Message[],
  { nowMs, drift }: { readonly nowMs: number; readonly drift: DriftWatches }
): IngestCounts {
  const counts = new Map<IngestResult, number>()
  try {
    store.transaction(() => {
      const touched = new Set<LiveRollout>()
      const changes = new ChangeBatch()
      const predictions = new PredictionBatch(store)
      const found = messages.map(({ rollout }) => rollouts.findOrAdd(rollout))
      loadAll(predictions, messages, found)
      for (const [at, message] of messages.entries()) {
        const rollout = found[at] ?? rollouts.findOrAdd(message.rollout)
        touched.add(rollout)
        const result = take(predictions, { rollout, message, nowMs, changes, drift })
        counts.set(result, (counts.get(result) ?? 0) + 1)
        if (result !== 'counted' && result !== 'kept') {
          changes.addOccurrence(rollout.row.id, result, 1)
        }
      }
      predictions.write()
      const analyses = [...touched].flatMap(({ run }) => run?.analyses ?? [])
      changes.write(store, countingIn(store, analyses))
      for (const rollout of touched) {
        if (rollout.run !== undefined) {
          freezeCuts(rollouts, rollout.run, nowMs)
          rollouts.saveVocabularies(rollout.run)
        }
        drift.advance(rollout, nowMs)
      }
    })
  } catch (error) {
    rollouts.forget()
    drift.forget()
    throw error
  }
  return counts
}

function loadAll(
  predictions: PredictionBatch,
  messages: readonly Message[],
  rollouts: readonly LiveRollout[]
): void {
  const ids = new Map<number, string[]>()
  for (const [at, { row }] of rollouts.entries()) {
    const id = messages[at]?.id
    const known = ids.get(row.id)
    if (id === undefined) continue
    if (known === undefined) ids.set(row.id, [id])
    else known.push(id)
  }
  for (const [rollout, of] of ids) predictions.load(rollout, of)
}

interface Arrival {
  readonly rollout: LiveRollout
  readonly message: Message
  readonly nowMs: number
  readonly changes: ChangeBatch
  readonly drift: DriftWatches
}

function take(store: PredictionBatch, arrival: Arrival): IngestResult {
  const rows = storedRows(store, arrival.rollout.row.id, arrival.message)
  const [only] = rows
  if (rows.length === 1 && only !== undefined) return takeRow(store, arrival, only)
  const results = rows.map(row => takeRow(store, arrival, row))
  return results.find(result => result !== 'duplicate') ?? 'duplicate'
}

function takeRow(
  store: PredictionBatch,
  { rollout, message, nowMs, changes, drift }: Arrival,
  { key, known, initial, alias, pairKey }: StoredRow
): IngestResult {
  const { id } = rollout.row
  const stored = known?.prediction
  const joined = join(stored ?? initial, message, nowMs)
  if (joined.kind === 'duplicate') return 'duplicate'
  if (isTooLate(joined, rollout.run, nowMs)) return 'correction'
  const prediction = alias === undefined ? joined.stored : alias(joined.stored)
  const arrivedMs = arrivalOf(known, message, nowMs)
  const isLabel =
    stored !== undefined && message.kind === 'feedback' && message.scores === undefined
  store.put(id, key, { prediction, arrivedMs }, isLabel)
  if (alias !== undefined) return 'duplicate'
  const arrived = known && { prediction: known.prediction, arrivedMs }
  const other = pairKey === undefined ? undefined : otherOf(store.prediction(id, pairKey))
  return countRow({ rollout, nowMs, changes, drift }, arrived, { key, prediction, other })
}

/** A label may come before its prediction: that arrives with the first message that is not a label. */
function arrivalOf(known: ArrivedPrediction | undefined, { kind }: Message, nowMs: number): number {
  if (known === undefined) return nowMs
  const isFirst = known.prediction.variant === null && kind !== 'feedback'
  return isFirst ? nowMs : known.arrivedMs
}

function otherOf(arrived: ArrivedPrediction | undefined): OtherPrediction | undefined {
  const outcome = outcomeOf(arrived?.prediction)
  return arrived && outcome && { outcome, firstMs: arrived.arrivedMs }
}

interface Become {
  /** Under which it is stored. */
  readonly key: string
  readonly prediction: StoredPrediction
  /** That of the other arm, where the request is mirrored. */
  readonly other: OtherPrediction | undefined
}

/** Counts what a stored prediction has become. */
function countRow(
  { rollout, nowMs, changes, drift }: Omit<Arrival, 'message'>,
  known: ArrivedPrediction | undefined,
  { key, prediction, other }: Become
): IngestResult {
  const { id } = rollout.row
  const stored = known?.prediction
  const [before, after] = [outcomeOf(stored), outcomeOf(prediction)]
  if (after === undefined) return incomplete(known)
  const firstMs = known?.arrivedMs ?? nowMs
  const update = { key, before, after, firstMs, ...(other === undefined ? {} : { other }) }
  drift.take(rollout, update, nowMs)
  const result = count(changes, { rollout, nowMs, update })
  if (after.isPending) return incomplete(known)
  if (stored !== undefined && isIncomplete(before)) changes.addOccurrence(id, 'orphaned', -1)
  return result
}

/** A correction counts before its prediction came, and before that is due in some analysis. */
function isTooLate(
  joined: Joined,
  run: LiveRun | undefined,
  nowMs: number
): joined is Extract<Joined, { kind: 'correction' }> {
  if (joined.kind !== 'correction') return false
  const { timeMs } = joined.stored
  if (timeMs === null) return false
  if (run?.row.endedMs !== null) return true
  return !run.analyses.some(({ state }) =>
    state.counters.some(
      ({ waitsForLabels, grid }) =>
        waitsForLabels && grid.waitMs > 0 && nowMs < cellDueMs(grid, timeMs)
    )
  )
}

/** The second message of an incomplete prediction is not another orphan. */
function incomplete(known: ArrivedPrediction | undefined): IngestResult {
  return known === undefined ? 'orphaned' : 'kept'
}

function isIncomplete(outcome: Outcome | undefined): boolean {
  return outcome === undefined || outcome.isPending
}

interface RolloutUpdate {
  readonly rollout: LiveRollout
  readonly update: PredictionUpdate
  readonly nowMs: number
}

/** Counts for every analysis of the open run. Without an open run, nothing is counted. */
function count(changes: ChangeBatch, { rollout, update, nowMs }: RolloutUpdate): IngestResult {
  const { run } = rollout
  if (run === undefined) changes.addOccurrence(rollout.row.id, 'before-run', 1)
  if (run?.row.endedMs !== null) return 'kept'
  const { before, after } = update
  if (after.timeMs < run.row.startedMs) return 'before-run'
  let isLate = false
  for (const live of run.analyses) {
    if (live.state.analysis.source !== 'events') continue
    if (countUpdate(run, live, { update, arrivedMs: nowMs, changes })) isLate = true
  }
  if (isIncomplete(before) && after.latencyMs !== undefined) {
    const bucket = bucketOf(after.latencyMs)
    const counts = run.latencies[after.variant]
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
    changes.addLatency({ run: run.row.id, variant: after.variant, bucket, count: 1 })
  }
  return isLate ? 'late' : 'counted'
}

/** Freezes the cuts once there are enough latencies of the primary. They are used from the next block on. */
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
