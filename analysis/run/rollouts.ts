import type { ReadyCounter } from '../counter/update.ts'
import type { Variant } from '../counter/outcome.ts'
import type { RolloutName } from '../event/message.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import type { AnalysisRow, RolloutRow, RunRow, Store } from '../store/store.ts'
import { AnalysisState } from './analysis-state.ts'
import { countingIn } from './counting-in.ts'
import type { ClockSkew } from './clock-skew.ts'
import { countUpdate } from './count-update.ts'
import { loadState } from './load-state.ts'
import { readStored } from './read-stored.ts'
import { learnHistory } from './history.ts'
import { updatesOf } from './recount.ts'
import type { ArrivedUpdate } from './recount.ts'
import { earlierAttempts } from './earlier-attempts.ts'
import { RolloutMap } from './rollout-map.ts'
import { primaryOf } from './primary-commit.ts'
import { noFacts } from './run-facts.ts'

/** One analysis of a run with its evidence. */
export interface LiveAnalysis {
  row: AnalysisRow
  readonly state: AnalysisState
  /** Why its source was down when it was last read; undefined if it was not, or since a restart. */
  down?: string | undefined
}

/** A run with its evidence in memory, as the store has it. */
export interface LiveRun {
  row: RunRow
  readonly analyses: LiveAnalysis[]
  /** A sender whose events are from before the run, by its clock; undefined if there is none. */
  skew?: ClockSkew
  /** Counts by bucket. */
  readonly latencies: Readonly<Record<Variant, Map<number, number>>>
}

/** A rollout and its newest run. */
export interface LiveRollout {
  readonly row: RolloutRow
  run: LiveRun | undefined
}

/** Runs of a rollout that are kept besides the newest. */
const keptRuns = 19

const droppedAtOnce = 20

/** Last arrivals that are searched when an analysis starts. */
const recountedArrivals = 200_000

/**
 * The known rollouts, with the evidence of their newest runs. Memory follows the store: after a failed
 * transaction, {@link forget} makes the next access read everything again.
 */
export class Rollouts {
  readonly #store: Store
  readonly #read: (settings: ObjectiveSettings) => Analysis
  readonly #nowMs: () => number
  #byName: RolloutMap<LiveRollout> | undefined

  constructor(store: Store, read: (settings: ObjectiveSettings) => Analysis, nowMs: () => number) {
    this.#store = store
    this.#read = read
    this.#nowMs = nowMs
  }

  find(name: RolloutName): LiveRollout | undefined {
    return this.#all().get(name)
  }

  /**
   * Returns a run and its analysis as they are in memory now: objects that were held during a wait may have
   * been forgotten and read again since. A superseded run is returned as it was held.
   */
  current(
    name: RolloutName,
    held: { readonly run: LiveRun; readonly live: LiveAnalysis }
  ): { readonly run: LiveRun; readonly live: LiveAnalysis } {
    const run = this.find(name)?.run
    const live = run?.analyses.find(({ row }) => row.id === held.live.row.id)
    return run === undefined || live === undefined ? held : { run, live }
  }

  get size(): number {
    return this.#all().size
  }

  all(): Iterable<LiveRollout> {
    return this.#all().values()
  }

  findOrAdd(name: RolloutName): LiveRollout {
    const known = this.find(name)
    if (known !== undefined) return known
    const added: LiveRollout = { row: this.#store.addRollout(name), run: undefined }
    this.#all().set(name, added)
    return added
  }

  /** Runs work in one transaction of the store. If it fails, memory is read again from the store. */
  transaction<T>(work: () => T): T {
    try {
      return this.#store.transaction(work)
    } catch (error) {
      this.forget()
      throw error
    }
  }

  /** Forgets memory, so that the next access reads the store. */
  forget(): void {
    this.#byName = undefined
  }

  /** Drops some of the rollouts without activity since a time; call it in a transaction. @returns their IDs */
  dropSilent(beforeMs: number): ReadonlySet<number> {
    const silent = new Set(this.#store.silentRollouts(beforeMs, droppedAtOnce))
    for (const id of silent) this.#store.dropRollout(id)
    const all = this.#all()
    for (const { row } of [...all.values()]) if (silent.has(row.id)) all.delete(row)
    return silent
  }

  /** Starts a run and ends the one before. */
  startRun(rollout: LiveRollout, { checksum }: Pick<RunRow, 'checksum'>): LiveRun {
    const startedMs = this.#nowMs()
    const last = rollout.run
    if (last?.row.endedMs === null) this.endRun(last, null)
    this.#store.dropOldRuns(rollout.row.id, keptRuns)
    const row = this.#store.addRun({
      rollout: rollout.row.id,
      number: (last?.row.number ?? 0) + 1,
      checksum,
      startedMs,
      lastHookMs: startedMs,
      endedMs: null,
      endedPhase: null,
      facts: { ...noFacts, ...primaryOf(last), ...earlierAttempts(last, checksum) }
    })
    const run: LiveRun = { row, analyses: [], latencies: { primary: new Map(), canary: new Map() } }
    rollout.run = run
    return run
  }

  /** Ends a run: Flagger reported its end, or the next one starts. */
  endRun(run: LiveRun, phase: string | null): void {
    this.update(run, { endedMs: this.#nowMs(), endedPhase: phase })
  }

  update(run: LiveRun, change: Partial<RunRow>): void {
    run.row = { ...run.row, ...change }
    this.#store.updateRun(run.row)
  }

  updateAnalysis(live: LiveAnalysis, change: Partial<AnalysisRow>): void {
    live.row = { ...live.row, ...change }
    this.#store.updateAnalysis(live.row)
  }

  /** Adds an analysis to a run, and counts the events that arrived since the run started. */
  addAnalysis(run: LiveRun, digest: string, settings: ObjectiveSettings): LiveAnalysis {
    const analysis = this.#read(settings)
    const { id, rollout } = run.row
    const row = this.#store.addAnalysis({
      run: id,
      digest,
      settings,
      sourceState: null,
      failed: null
    })
    if (analysis.source !== 'events') {
      const live: LiveAnalysis = { row, state: new AnalysisState(analysis, noFacts.history) }
      run.analyses.push(live)
      return live
    }
    const facts = learnHistory(run.row, analysis, fromMs =>
      this.#store.recentPredictions(rollout, fromMs, recountedArrivals)
    )
    this.update(run, { facts })
    const live: LiveAnalysis = { row, state: new AnalysisState(analysis, facts.history) }
    this.#recount(run, live, live.state.counters)
    run.analyses.push(live)
    this.saveVocabularies(run)
    return live
  }

  /** Stores what was learnt about predictions and labels; call it in a transaction. */
  saveVocabularies(run: LiveRun): void {
    for (const live of run.analyses) {
      const sourceState = live.state.vocabularies?.takeUnsaved()
      if (sourceState !== undefined) this.updateAnalysis(live, { sourceState })
    }
  }

  /** Counts the labels of open runs again that another version counted; call it in a transaction. */
  recountOutdated(): void {
    const outdated = new Set(this.#store.outdatedAnalyses())
    if (outdated.size === 0) return
    for (const { run } of this.#all().values()) {
      for (const live of run?.analyses ?? []) {
        if (run === undefined || !outdated.has(live.row.id)) continue
        const { counters } = live.state
        const [labels, others] = [true, false].map(is =>
          counters.filter(({ waitsForLabels }) => waitsForLabels === is)
        )
        this.#recount(run, live, labels ?? [])
        // Requests did not wait for their responses before.
        this.#recount(run, live, others ?? [], ({ update }) => update.after.isPending)
      }
      if (run !== undefined) this.saveVocabularies(run)
    }
    this.#store.markRecounted()
  }

  /** Counts the events that arrived since the run started. */
  #recount(
    run: LiveRun,
    live: LiveAnalysis,
    counters: readonly ReadyCounter[],
    isMeant: (each: ArrivedUpdate) => boolean = () => true
  ): void {
    const { rollout, startedMs } = run.row
    const recent = this.#store.recentPredictions(rollout, startedMs, recountedArrivals)
    for (const each of [...updatesOf(recent)].filter(isMeant)) {
      const changes = countingIn(this.#store, [live])
      countUpdate(run, live, { ...each, changes, counters })
    }
  }

  #all(): RolloutMap<LiveRollout> {
    if (this.#byName !== undefined) return this.#byName
    const all = new RolloutMap<LiveRollout>()
    for (const row of this.#store.rollouts()) all.set(row, { row, run: this.#load(row) })
    this.#byName = all
    return all
  }

  #load(rollout: RolloutRow): LiveRun | undefined {
    const row = this.#store.lastRun(rollout.id)
    if (row === undefined) return undefined
    const run: LiveRun = { row, analyses: [], latencies: { primary: new Map(), canary: new Map() } }
    for (const { variant, bucket, count } of this.#store.latencies(row.id)) {
      run.latencies[variant].set(bucket, count)
    }
    for (const analysisRow of this.#store.analyses(row.id)) {
      const analysis = readStored(this.#read, analysisRow)
      if (analysis === undefined) {
        // The next hook starts a run that can be judged.
        run.row = { ...row, endedMs: row.endedMs ?? this.#nowMs() }
        continue
      }
      const state = loadState(this.#store, row, { row: analysisRow, analysis })
      state.close(this.#nowMs())
      run.analyses.push({ row: analysisRow, state })
    }
    return run
  }
}
