import type { ClusterChange } from '../counter/cluster-book.ts'
import type { RankedEvent } from '../counter/rank-book.ts'
import type { CellChange } from '../counter/series.ts'
import type { Variant } from '../counter/outcome.ts'
import type { StoredPrediction } from '../event/join.ts'
import type { RolloutName } from '../event/message.ts'
import type { TracedObjective } from '../judge/traced-objective.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { RunFacts } from '../run/run-facts.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'

/** A rollout that a hook or an event named. */
export interface RolloutRow extends RolloutName {
  readonly id: number
}

/** One run of a rollout's analysis. Times in milliseconds since 1970. */
export interface RunRow {
  readonly id: number
  readonly rollout: number
  /** 1 for the rollout's first run. */
  readonly number: number
  /** From Flagger: identifies the revision, and repeats when the same revision is rolled out again. */
  readonly checksum: string
  readonly startedMs: number
  readonly lastHookMs: number
  readonly endedMs: number | null
  /** `Succeeded` or `Failed`, from Flagger; null if Flagger reported no phase. */
  readonly endedPhase: string | null
  readonly facts: RunFacts
}

/** One analysis of a run: the settings it is judged by. */
export interface AnalysisRow {
  readonly id: number
  readonly run: number
  readonly digest: string
  readonly settings: ObjectiveSettings
  /** Progress of the source, as JSON. */
  readonly sourceState: string | null
  /** Why it failed; null if it did not. A failure is final. */
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

/** The evidence of an analysis at a time, in the order of its objectives. */
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

/** A prediction and when its first message that is not a label arrived, in milliseconds since 1970. */
export interface ArrivedPrediction {
  readonly prediction: StoredPrediction
  readonly arrivedMs: number
}

/** A stored prediction. */
export interface KeptPrediction extends ArrivedPrediction {
  /** Its row: predictions are changed by it, because an ID takes longer to find. */
  readonly n: number
}

/** A stored prediction with the key under which it is stored: its ID, or that of a mirrored request's second arm. */
export interface RecentPrediction extends ArrivedPrediction {
  readonly key: string
}

/** What is counted for a rollout besides its evidence. */
export type Occurrence =
  | 'late'
  | 'duplicate'
  | 'correction'
  | 'before-run'
  /** A label or a half without the rest of its prediction; decremented when that arrives. */
  | 'orphaned'

/**
 * The stored state of the analysis. Counts are written as changes that add up, so that those of several
 * writers can be merged. A {@link transaction} is atomic.
 */
export interface Store {
  transaction<T>(work: () => T): T
  rollouts(): readonly RolloutRow[]
  addRollout(rollout: RolloutName): RolloutRow
  lastRun(rollout: number): RunRow | undefined
  runs(rollout: number, most: number): readonly RunRow[]
  addRun(run: Omit<RunRow, 'id'>): RunRow
  updateRun(run: RunRow): void
  /** Deletes all runs of a rollout but the newest `kept`, and the counts of the kept; displayed data stays. */
  dropOldRuns(rollout: number, kept: number): void
  /** Rollouts without a prediction and without a hook since a time; at most `most`. */
  silentRollouts(beforeMs: number, most: number): readonly number[]
  /** Deletes everything of a rollout except its predictions. */
  dropRollout(rollout: number): void
  analyses(run: number): readonly AnalysisRow[]
  addAnalysis(analysis: Omit<AnalysisRow, 'id'>): AnalysisRow
  updateAnalysis(analysis: AnalysisRow): void
  /** Analyses of open runs whose labels another version counted; their label counters are empty. */
  outdatedAnalyses(): readonly number[]
  /** Marks every analysis as counted by this version. */
  markRecounted(): void
  addChange(change: StoredChange): void
  changes(analysis: number): Iterable<StoredChange>
  addClusterChange(analysis: number, change: ClusterChange): void
  /** In order of their blocks. */
  clusterChanges(analysis: number): Iterable<ClusterChange>
  /** Stores a prediction with a score, replacing what was known of it. */
  putRanked(analysis: number, event: RankedEvent): void
  /** In order of their blocks. */
  ranked(analysis: number): Iterable<RankedEvent>
  addLatency(change: LatencyChange): void
  latencies(run: number): Iterable<LatencyChange>
  prediction(rollout: number, id: string): KeptPrediction | undefined
  /** Those of a rollout that are stored, by ID, found with one statement. */
  predictionsOf(rollout: number, ids: readonly string[]): ReadonlyMap<string, KeptPrediction>
  addPrediction(rollout: number, id: string, arrived: ArrivedPrediction): void
  /** Replaces a stored prediction. */
  updatePrediction(n: number, arrived: ArrivedPrediction): void
  /** Replaces the label of a stored prediction. */
  putLabel(n: number, labelled: Pick<StoredPrediction, 'label' | 'labelMs'>): void
  /** Predictions from an event time on, among the last `most` arrivals of all rollouts. */
  recentPredictions(rollout: number, fromMs: number, most: number): Iterable<RecentPrediction>
  addHook(run: number, hook: HookRow): void
  /** The newest first. */
  hooks(run: number, most: number): readonly HookRow[]
  /** Stores a point of an analysis, replacing one of the same slot; old points are thinned out. */
  putTrace(analysis: number, slotMs: number, point: TracePoint): void
  /** In order of time, at most a few hundred. */
  trace(analysis: number): readonly TracePoint[]
  addOccurrence(rollout: number, what: Occurrence, count: number): void
  occurrences(rollout: number): ReadonlyMap<Occurrence, number>
  /** Over all rollouts. */
  occurrencesOfAll(): ReadonlyMap<Occurrence, number>
  /** Size of the file without its log. */
  sizeBytes(): number
  /** The stored state of a rollout's drift. */
  drift(rollout: number): string | undefined
  putDrift(rollout: number, state: string): void
  /**
   * Deletes predictions that arrived before a time, or after another: a clock that went back would keep the
   * latter for ever. Checks the `most` oldest.
   *
   * @returns how many were deleted
   */
  prune(arrived: { readonly beforeMs: number; readonly afterMs: number }, most: number): number
  close(): void
}
