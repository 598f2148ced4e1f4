import { Fault } from '../common/fault.ts'
import type { DriftView } from './drift/drift-view.ts'
import { DriftWatches } from './drift/drift-watches.ts'
import { ingest } from './event/ingest.ts'
import { IngestQueue } from './event/ingest-queue.ts'
import type { Message, RolloutName } from './event/message.ts'
import { UnknownRollouts } from './event/unknown-rollouts.ts'
import type { UnknownRollout } from './event/unknown-rollouts.ts'
import { handleHook } from './hook/handle-hook.ts'
import type { HookOptions } from './hook/handle-hook.ts'
import { answerStateDown } from './hook/answer.ts'
import type { HookAnswer } from './hook/answer.ts'
import type { HookCall } from './hook/hook.ts'
import { judgeNow } from './hook/judge-analyses.ts'
import type { RunVerdict } from './judge/verdict.ts'
import { readAnalysis } from './settings/read-analysis.ts'
import { histogramOf } from './run/latencies.ts'
import { Rollouts } from './run/rollouts.ts'
import { activeAnalyses } from './run/active-analyses.ts'
import type { LiveRun } from './run/rollouts.ts'
import { histogramQuantile } from './statistics/latency/log-histogram.ts'
import { exchange } from './source/exchange.ts'
import { prepareSettings, Sources } from './source/sources.ts'
import type { SourceRules } from './source/source-rules.ts'
import { isStoreUnusable } from './store/store-unusable.ts'
import type { Store } from './store/store.ts'
import type { AnalysisObserver } from './observer.ts'
import type { ScoreReader } from './view/query-route.ts'
import { reportOf } from './view/report.ts'
import type { RunReport } from './view/report.ts'
import type { JudgedRun, RolloutView } from './view/verdict-route.ts'

/** What an {@link Analyst} works with. */
export interface AnalystOptions {
  readonly store: Store
  readonly declared: HookOptions['declared']
  readonly words: HookOptions['words']
  readonly block: HookOptions['block']
  readonly isByMatch: HookOptions['isByMatch']
  readonly isNamespaceAllowed: (rollout: RolloutName) => boolean
  /** Which addresses and files sources may use. */
  readonly sources: SourceRules
  readonly judged: HookOptions['judged']
  readonly observer: AnalysisObserver
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

/** A rollout and its newest run. */
export interface Rollout {
  readonly name: RolloutName
  readonly run: LiveRun
}

/** Events may wait this long at their sender. */
const leastSkewMs = 60_000
/** Bounds the memory that event senders can fill with names of rollouts. */
const maxRolloutsByEvents = 10_000

/** Accepts events, answers hooks and reports verdicts: the analysis behind every address. */
export class Analyst {
  readonly #options: AnalystOptions
  readonly #rollouts: Rollouts
  readonly #queue: IngestQueue
  readonly #sources: Sources
  readonly #drift: DriftWatches
  readonly #hooks: HookOptions
  readonly #unknown = new UnknownRollouts()
  /** Rollouts that queued events will add. */
  readonly #expected = new Set<string>()

  constructor(options: AnalystOptions) {
    const { store, nowMs } = options
    this.#options = options
    const rollouts = new Rollouts(store, settings => readAnalysis(settings), nowMs)
    this.#rollouts = rollouts
    rollouts.transaction(() => {
      rollouts.recountOutdated()
    })
    this.#drift = new DriftWatches(store)
    this.#sources = new Sources({ rules: options.sources, store, rollouts, exchange, nowMs })
    this.#hooks = {
      ...options,
      rollouts,
      prepare: (rollout, settings) => prepareSettings(settings, rollout, options.sources),
      refresh: (...of) => this.#sources.refresh(...of)
    }
    this.#queue = new IngestQueue(messages => {
      const counts = ingest(store, rollouts, messages, { nowMs: nowMs(), drift: this.#drift })
      for (const [result, count] of counts) options.observer.ingested(result, count)
      this.#expected.clear()
    })
  }

  /** The drift of a rollout's primary; empty before its first run. */
  drift(name: RolloutName): readonly DriftView[] {
    const rollout = this.#rollouts.find(name)
    if (rollout === undefined) return []
    const { store, nowMs, observer } = this.#options
    try {
      store.transaction(() => {
        this.#drift.advance(rollout, nowMs())
      })
    } catch (error) {
      if (!isStoreUnusable(error)) throw error
      // Metrics must still be served: they are how operators see the failure.
      observer.storeUnusable(error)
    }
    return this.#drift.views(rollout)
  }

  /** Forgets rollouts that have no hook since a time and no stored prediction. */
  dropSilent(beforeMs: number): void {
    this.#rollouts.transaction(() => {
      for (const id of this.#rollouts.dropSilent(beforeMs)) this.#drift.drop(id)
    })
  }

  /** Stops what sources are still doing. */
  stop(): void {
    this.#sources.stop()
  }

  /** Resolves when the messages are durable. */
  async ingest(messages: readonly Message[]): Promise<void> {
    await this.#queue.add(messages)
  }

  /** Whether a message is from before the newest run, or before the first; such messages do not count. */
  isEarly({ rollout, timeMs }: Message, source: string): boolean {
    const run = this.#rollouts.find(rollout)?.run
    if (run === undefined) {
      this.#noteUnknown(rollout)
      return true
    }
    if (run.row.endedMs !== null || timeMs >= run.row.startedMs) return false
    const behindMs = this.#options.nowMs() - timeMs
    const isAfterStart = this.#options.nowMs() > run.row.startedMs
    if (isAfterStart && behindMs > leastSkewMs) run.skew = { source, behindMs }
    return true
  }

  #noteUnknown(rollout: RolloutName): void {
    if (this.#mayBeDeclared(rollout)) return
    this.#unknown.add(rollout, this.#options.nowMs())
    this.#options.observer.unknownRollout()
  }

  /** Rollouts that have events, and that neither a hook nor a ModelAnalysis or Canary names; the most recent first. */
  unknownRollouts(): readonly UnknownRollout[] {
    return this.#unknown.list(
      rollout => this.#rollouts.find(rollout)?.run === undefined && !this.#mayBeDeclared(rollout)
    )
  }

  async answer(call: HookCall): Promise<HookAnswer> {
    const { observer } = this.#options
    const answer = await handleHook(this.#hooks, call).catch((error: unknown) => {
      if (!isStoreUnusable(error)) throw error
      observer.storeUnusable(error)
      return answerStateDown(call, error.message)
    })
    observer.hookAnswered(call.type, answer.status)
    return answer
  }

  view(name: RolloutName): RolloutView {
    const rollout = this.#rollouts.find(name)
    if (rollout?.run !== undefined) return { kind: 'judged', judged: this.judge(rollout.run) }
    return { kind: rollout !== undefined || this.#mayBeDeclared(name) ? 'waiting' : 'unknown' }
  }

  /** Also true while that is unknown: there is no verdict in either case. */
  #mayBeDeclared(name: RolloutName): boolean {
    try {
      const { declared, words } = this.#options
      return declared(name) !== undefined || words(name).settings.size > 0
    } catch (error) {
      if (error instanceof Fault) return true
      throw error
    }
  }

  /** Every rollout that has a run, with its newest run. */
  rollouts(): readonly Rollout[] {
    return [...this.#rollouts.all()].flatMap(({ row, run }) =>
      run === undefined ? [] : [{ name: { namespace: row.namespace, name: row.name }, run }]
    )
  }

  /** Whether events may add this rollout; hooks always may. */
  hasRoomFor(rollout: RolloutName): boolean {
    if (this.#rollouts.find(rollout) !== undefined) return true
    const isRoom = this.#rollouts.size + this.#expected.size < maxRolloutsByEvents
    const key = `${rollout.namespace}/${rollout.name}`
    if (isRoom) this.#expected.add(key)
    return this.#expected.has(key)
  }

  /** Judges a run as of now, or as of its end. */
  judge(run: LiveRun): JudgedRun {
    const atMs = run.row.endedMs ?? this.#options.nowMs()
    const verdicts: readonly RunVerdict[] = activeAnalyses(run).map(live =>
      judgeNow(run, live, atMs)
    )
    return { run, verdicts }
  }

  /** Reports one run, the newest if no number is given; undefined if it does not exist. */
  report(name: RolloutName, number: number | undefined): RunReport | undefined {
    const rollout = this.#rollouts.find(name)
    if (rollout === undefined) return undefined
    const verdicts = new Map(
      (rollout.run === undefined ? [] : activeAnalyses(rollout.run)).map(
        ({ row }, index) => [row.id, index] as const
      )
    )
    const judged = rollout.run === undefined ? undefined : this.judge(rollout.run)
    return reportOf(rollout, number, {
      store: this.#options.store,
      read: readAnalysis,
      judge: ({ id }) => judged?.verdicts[verdicts.get(id) ?? Number.NaN]
    })
  }

  score({ rollout, score, variant, quantile }: Parameters<ScoreReader>[0]): number | undefined {
    const run = this.#rollouts.find(rollout)?.run
    if (run === undefined) return undefined
    if (score === 'latency') return histogramQuantile(histogramOf(run, variant), quantile)
    return scoreOf(run, score, variant, this.#options.nowMs())
  }
}

function scoreOf(
  run: LiveRun,
  score: Exclude<Parameters<ScoreReader>[0]['score'], 'latency'>,
  variant: Parameters<ScoreReader>[0]['variant'],
  nowMs: number
): number | undefined {
  const counter = score === 'error-rate' ? 'error' : score
  for (const { state } of run.analyses) {
    const counts = state.totals(counter, variant, nowMs)
    if (counts === undefined || counts.events === 0) continue
    const badRatio = counts.bad / counts.events
    return score === 'error-rate' ? badRatio : 1 - badRatio
  }
  return undefined
}
