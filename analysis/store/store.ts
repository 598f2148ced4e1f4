import type { CellChange } from '../counter/series.ts'
import type { Variant } from '../counter/outcome.ts'
import type { StoredPrediction } from '../event/join.ts'
import type { RolloutName } from '../event/message.ts'
import type { ObjectiveVerdict, Verdict } from '../judge/verdict.ts'
import type { RunFacts } from '../run/run-facts.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'

/** A rollout that hooks or events named. */
export interface RolloutRow extends RolloutName {
  readonly id: number
}

/** One run of a rollout's analysis. Times in milliseconds since 1970. */
export interface RunRow {
  readonly id: number
  readonly rollout: number
  /** 1 for the rollout's first run. */
  readonly number: number
  /** Flagger's: names what is rolled out, and repeats when that is rolled out again. */
  readonly checksum: string
  readonly startedMs: number
  readonly lastHookMs: number
  readonly endedMs: number | null
  /** `Succeeded` or `Failed`, as Flagger said it; null where nobody did. */
  readonly endedPhase: string | null
  readonly facts: RunFacts
}

/** The objectives that a run is judged by, as they were written. */
export interface AnalysisRow {
  readonly id: number
  readonly run: number
  readonly digest: string
  readonly settings: ObjectiveSettings
  /** What a source keeps: a cursor. */
  readonly sourceState: string | null
  /** The reason with which it failed. */
  readonly failed: string | null
}

/** A change of a counter of an analysis. */
export interface StoredChange {
  readonly analysis: number
  readonly counter: string
  readonly change: CellChange
}

/** A hook call and its answer. */
export interface HookRow {
  readonly atMs: number
  readonly type: string
  readonly status: number
  readonly text: string
}

/** What was known of one objective when a hook was answered. */
export type TracedObjective = Pick<
  ObjectiveVerdict,
  'verdict' | 'events' | 'bad' | 'estimate' | 'confidence' | 'lnEFail' | 'lnEPass'
>

/** What was known of an analysis at a time, in the order of its objectives. */
export interface TracePoint {
  /** Milliseconds since 1970. */
  readonly atMs: number
  readonly verdict: Verdict
  readonly objectives: readonly TracedObjective[]
}

/** Latencies of one variant in a run, by bucket. */
export interface LatencyChange {
  readonly run: number
  readonly variant: Variant
  readonly bucket: number
  readonly count: number
}

/** A prediction and when it came, in milliseconds since 1970. */
export interface ArrivedPrediction {
  readonly prediction: StoredPrediction
  readonly arrivedMs: number
}

/** What is counted of a rollout beside its evidence. */
export type Occurrence =
  | 'late'
  | 'duplicate'
  | 'correction'
  | 'before-run'
  /** A label or a half without the rest of its prediction; one less when that comes. */
  | 'orphaned'

/**
 * What the analysis keeps. Counts are written as changes that add up, so that several writers can be
 * merged. Everything within {@link transaction} is kept, or nothing.
 */
export interface Store {
  transaction<T>(work: () => T): T
  rollouts(): readonly RolloutRow[]
  addRollout(rollout: RolloutName): RolloutRow
  lastRun(rollout: number): RunRow | undefined
  runs(rollout: number, most: number): readonly RunRow[]
  addRun(run: Omit<RunRow, 'id'>): RunRow
  updateRun(run: RunRow): void
  /** Deletes all runs of a rollout but the newest `kept`, and of those the counts: what is shown stays. */
  dropOldRuns(rollout: number, kept: number): void
  /** Rollouts without a prediction, and without a call of a hook since a time; at most `most`. */
  silentRollouts(beforeMs: number, most: number): readonly number[]
  /** Deletes all that is kept of a rollout but its predictions. */
  dropRollout(rollout: number): void
  analyses(run: number): readonly AnalysisRow[]
  addAnalysis(analysis: Omit<AnalysisRow, 'id'>): AnalysisRow
  updateAnalysis(analysis: AnalysisRow): void
  addChange(change: StoredChange): void
  changes(analysis: number): Iterable<StoredChange>
  addLatency(change: LatencyChange): void
  latencies(run: number): Iterable<LatencyChange>
  prediction(rollout: number, id: string): StoredPrediction | undefined
  putPrediction(
    rollout: number,
    id: string,
    stored: {
      readonly prediction: StoredPrediction
      readonly isNew: boolean
      readonly nowMs: number
    }
  ): void
  /** Whole predictions from an event time on, among the last `most` arrivals of all rollouts. */
  recentPredictions(rollout: number, fromMs: number, most: number): Iterable<ArrivedPrediction>
  addHook(run: number, hook: HookRow): void
  /** The newest first. */
  hooks(run: number, most: number): readonly HookRow[]
  /** Keeps a point of an analysis, in place of another of the same slot; old ones are thinned out. */
  putTrace(analysis: number, slotMs: number, point: TracePoint): void
  /** In order of time, at most some hundred. */
  trace(analysis: number): readonly TracePoint[]
  addOccurrence(rollout: number, what: Occurrence, count: number): void
  occurrences(rollout: number): ReadonlyMap<Occurrence, number>
  /** Over all rollouts. */
  occurrencesOfAll(): ReadonlyMap<Occurrence, number>
  /** Of the file, without its log. */
  sizeBytes(): number
  /** The state of a rollout's drift, as it was put. */
  drift(rollout: number): string | undefined
  putDrift(rollout: number, state: string): void
  /**
   * Deletes predictions that arrived before a time, or after one: a clock that went back would keep those
   * for ever. Looks at the `most` oldest; how many were deleted.
   */
  prune(arrived: { readonly beforeMs: number; readonly afterMs: number }, most: number): number
  close(): void
}
