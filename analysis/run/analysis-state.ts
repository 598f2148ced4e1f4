import { countersOfAnalysis } from '../counter/analysis-counters.ts'
import { counterName, isAboutLabels } from '../counter/counter.ts'
import { ClusterBook } from '../counter/cluster-book.ts'
import type { ClusterChange } from '../counter/cluster-book.ts'
import { RankBook } from '../counter/rank-book.ts'
import { blockStart } from '../counter/grid.ts'
import { readyCounters } from '../counter/changes.ts'
import type { ReadyCounter } from '../counter/update.ts'
import type { CellChange, ClosedBlock } from '../counter/series.ts'
import { variants } from '../counter/outcome.ts'
import type { Outcome, Variant } from '../counter/outcome.ts'
import type { ObjectiveCounts } from '../judge/counts.ts'
import type { Analysis } from '../settings/analysis.ts'
import { byClass } from '../settings/objective.ts'
import type { Objective } from '../settings/objective.ts'
import { comparedAs } from '../settings/compared-as.ts'
import { isLatency, latencyName } from '../settings/metric.ts'
import { noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import type { LogHistogram } from '../statistics/latency/log-histogram.ts'
import {
  addDispersionSums,
  addDispersionWindow,
  dispersionOf
} from '../statistics/sampling/dispersion.ts'
import type { DispersionSums } from '../statistics/sampling/dispersion.ts'
import { addArmBlock } from '../statistics/sampling/arm-dispersion.ts'
import { addCoverageBlock, areLabelledDifferently } from '../statistics/sampling/label-coverage.ts'
import { countsAtBest, countsAtWorst } from '../statistics/sampling/missing-labels.ts'
import type { CountedSource } from '../source/progress.ts'
import { armsNote } from './arms-note.ts'
import { comparedCounts } from './arms-comparison.ts'
import { closeClusters, closeRanks } from './close-observations.ts'
import type { ClusteredObjective } from './clustered-objective.ts'
import { PredictionShift } from './prediction-shift.ts'
import { shiftCounts } from './shift-counts.ts'
import { Vocabularies } from './vocabularies.ts'
import { labelledCounts, nothingCounted, totalsAt } from './counted.ts'
import type { Counted, CountedLabels, CountedTotals } from './counted.ts'
import { judgedObjective } from './judged-objective.ts'
import type { JudgedObjective } from './judged-objective.ts'
import { meanEvidence } from './mean-evidence.ts'

/** The latencies of both arms. */
export type LatenciesOfArms = Readonly<Record<Variant, LogHistogram>>

/** The dispersion of the primary's blocks before a run, by counter. */
export type History = Readonly<Record<string, DispersionSums>>

/**
 * The evidence of one analysis of a run, updated with its counts. Neither its size nor the cost of a verdict
 * depends on the number of events.
 */
export class AnalysisState {
  readonly analysis: Analysis
  readonly counters: readonly ReadyCounter[]
  /** Undefined if no objective needs labels of events. */
  readonly vocabularies: Vocabularies | undefined
  /** The clusters of events that have one. */
  readonly clusters = new ClusterBook()
  readonly #shift: PredictionShift | undefined
  /** Predictions with a score; undefined if no objective needs them. */
  readonly ranks: RankBook | undefined
  readonly #counted: ReadonlyMap<string, Counted>
  readonly #judged: readonly JudgedObjective[]
  #source: CountedSource | undefined
  #mirroredFromMs = Number.POSITIVE_INFINITY

  constructor(analysis: Analysis, history: History) {
    this.analysis = analysis
    const kinds = analysis.objectives.flatMap(({ metric }) => comparedAs(metric, analysis) ?? [])
    const isCompared = kinds.length > 0 && analysis.source === 'events'
    this.vocabularies = isCompared ? new Vocabularies(new Set(kinds)) : undefined
    this.#shift = PredictionShift.of(analysis)
    const isRanked = analysis.objectives.some(({ metric }) => metric === 'auc')
    this.ranks = isRanked && analysis.source === 'events' ? new RankBook() : undefined
    this.counters = readyCounters(countersOfAnalysis(analysis), analysis)
    this.#counted = new Map(
      this.counters.map(ready => [ready.name, nothingCounted(ready, history[ready.name])])
    )
    const find = (name: string) => this.#counted.get(name)
    const objectives = [...analysis.objectives, ...analysis.guards].flatMap(byClass)
    this.#judged = objectives.map(objective =>
      judgedObjective(objective, analysis, { find, shift: this.#shift })
    )
  }

  /** Adds a change of a counter's cell; unknown counters are ignored. */
  add(counter: string, change: CellChange): void {
    const counted = this.#counted.get(counter)
    if (counted === undefined) {
      this.#shift?.add(counter, change)
      return
    }
    counted.series.add(change)
    if (counted.ready.counter.kind !== 'pair' || change.onTimeEvents <= 0) return
    const startMs = blockStart(counted.ready.grid, change.cellMs)
    this.#mirroredFromMs = Math.min(this.#mirroredFromMs, startMs)
  }

  /** Returns how a change of a counter changes those of clusters. */
  clusterChanges(
    { counter, grid, name }: ReadyCounter,
    { cluster, timeMs }: Outcome,
    { variant, onTimeEvents: events, onTimeBad: bad }: CellChange
  ): readonly ClusterChange[] {
    if (cluster === undefined || (events === 0 && bad === 0)) return []
    // Clusters are observed by their sums.
    if (counter.kind === 'pair' || counter.kind === 'bet' || counter.kind === 'beyond-cap')
      return []
    const blockMs = blockStart(grid, timeMs)
    const all = { variant, blockMs, cluster: undefined, counter: name, events, bad }
    return this.clusters.isCounted(cluster, blockMs) ? [all, { ...all, cluster }] : [all]
  }

  /** Whether a prediction is the first of its cluster, or has none. */
  isFirstOfCluster({ cluster }: Outcome): boolean {
    return cluster === undefined || this.clusters.isNew(cluster)
  }

  /** Returns how a change of the counter of all predictions changes that of one class. */
  classChange(
    { grid, counter }: ReadyCounter,
    { predicted }: Outcome,
    change: CellChange
  ): ReturnType<PredictionShift['changeOf']> {
    return counter.kind === 'classed' ? this.#shift?.changeOf(grid, predicted, change) : undefined
  }

  /** Sets how far its source was read. Blocks close by what is counted, not by the clock. */
  setSource(source: CountedSource): void {
    if (Object.keys(this.#source?.history ?? {}).length === 0) {
      for (const [name, sums] of Object.entries(source.history)) {
        const counted = this.#counted.get(name)
        if (counted !== undefined) counted.primary = addDispersionSums(counted.primary, sums)
      }
    }
    this.#source = source
  }

  /** Returns the counts to judge by, in the order of the objectives and their classes, then of the guards. */
  counts(nowMs: number, latencies: LatenciesOfArms): readonly ObjectiveCounts[] {
    this.close(nowMs)
    return this.#judged.map(judged => {
      const counts = this.#countsOf(judged, nowMs, latencies)
      const { shift, ranked, objective } = judged
      if (ranked !== undefined) return ranked.countsFrom(counts, this.analysis.labels)
      return {
        ...counts,
        ...(shift && shiftCounts(shift, objective, this.analysis, this.clusters.isUsed))
      }
    })
  }

  /** Closes the blocks that are due: a closed block takes no memory. */
  close(nowMs: number): void {
    const isPulled = this.analysis.source === 'prometheus'
    this.#closeUntil(isPulled ? (this.#source?.countedUntilMs ?? Number.NEGATIVE_INFINITY) : nowMs)
  }

  /** Returns the totals of a counter; undefined if this analysis does not have it. */
  totals(counter: string, variant: Variant, nowMs: number): RateCounts | undefined {
    const counted = this.#counted.get(counter)
    return counted && this.#totalsAt(nowMs, this.#labelsOf(counted)).totals(counted, variant)
  }

  #labelsOf(counted: Counted): CountedLabels | undefined {
    return this.#judged.find(({ counters }) => counters.includes(counted))?.labels
  }

  #totalsAt(nowMs: number, labels: CountedLabels | undefined): CountedTotals {
    return totalsAt(nowMs, this.analysis.maturityMs !== undefined, labels)
  }

  #closeUntil(nowMs: number): void {
    const closed = new Map<Counted, readonly ClosedBlock[]>()
    for (const counted of this.#counted.values()) {
      const blocks = counted.series.close(nowMs)
      closed.set(counted, blocks)
      for (const block of blocks) {
        for (const variant of variants) {
          counted[variant] = addDispersionWindow(counted[variant], block[variant])
        }
        if (isAboutLabels(counted.ready.counter)) {
          counted.coverage = addCoverageBlock(counted.coverage, block)
        }
      }
    }
    for (const judged of this.#judged) {
      judged.comparison?.add(judged.counters, closed, this.#mirroredFromMs)
      const own = judged.counters.at(-1)
      for (const block of (own && closed.get(own)) ?? []) {
        judged.arms = addArmBlock(judged.arms, block)
        judged.shift?.close(block.startMs)
      }
    }
    closeClusters(this.#judged, this.clusters, closed)
    if (this.ranks !== undefined) closeRanks(this.#judged, this.ranks, closed)
  }

  #countsOf(judged: JudgedObjective, nowMs: number, latencies: LatenciesOfArms): ObjectiveCounts {
    const { objective, counters, labels, comparison, clustered, arms } = judged
    const own = counters.at(-1)
    const at = this.#totalsAt(nowMs, labels)
    const canary = own === undefined ? noCounts : at.totals(own, 'canary')
    const dispersion =
      this.analysis.isDispersionCorrected && judged.tests.length === 0
        ? Math.max(1, ...counters.map(each => dispersionOf([each.canary, each.primary])))
        : 1
    const compared = comparison?.result(dispersion)
    const { metric } = objective
    const isLatencies = isLatency(metric) && latencyName(metric) === undefined
    return {
      canary,
      primary: own === undefined ? noCounts : at.totals(own, 'primary'),
      primaryLatencies: isLatencies ? latencies.primary : undefined,
      intervals: own === undefined ? 0 : at.intervals(own, 'canary'),
      dispersion,
      ...comparedCounts(compared),
      latencies: isLatencies ? latencies.canary : undefined,
      ...this.#mean(judged, at),
      ...this.#clustered(clustered, own),
      unusable: this.#unusable(objective),
      ...this.#inexact(own, nowMs),
      ...(comparison === undefined ? {} : armsNote(this.clusters, arms)),
      ...this.#labels(canary, labels, at)
    }
  }

  /** The values that are not known are those without a label or score. */
  #mean(
    { tests, labels, beyondCap }: JudgedObjective,
    at: CountedTotals
  ): Pick<ObjectiveCounts, 'mean' | 'beyondCap'> {
    if (tests.length === 0) return {}
    const isBounded = labels !== undefined && this.analysis.labels === 'all'
    const missing = isBounded ? at.totals(labels.all, 'canary').bad : 0
    return {
      mean: meanEvidence(tests, bet => at.totals(bet, 'canary').bad, missing),
      beyondCap: beyondCap && at.totals(beyondCap, 'canary')
    }
  }

  #clustered(
    clustered: ClusteredObjective | undefined,
    own: Counted | undefined
  ): Pick<ObjectiveCounts, 'clusters'> {
    if (clustered === undefined || !this.clusters.isUsed) return {}
    const { evidence, clusters: count, sums } = clustered.result(own)
    return { clusters: { count, evidence, dispersion: dispersionOf([sums]) } }
  }

  #unusable({ metric, reference }: Objective): string | undefined {
    const as = comparedAs(metric, this.analysis)
    if (as === undefined) return undefined
    const arms = reference.kind === 'primary' ? variants : (['canary'] as const)
    return this.vocabularies?.problem(arms, { as, classes: this.analysis.classes })
  }

  /** What missing labels leave open. */
  #labels(
    canary: RateCounts,
    labels: CountedLabels | undefined,
    at: CountedTotals
  ): Pick<ObjectiveCounts, 'labels' | 'canaryAtBest' | 'canaryAtWorst'> {
    if (labels === undefined) return { labels: undefined }
    const labelled = (variant: Variant) => {
      const { events, bad } = at.totals(labels.all, variant)
      return { predictions: events, labelled: events - bad }
    }
    const isSampled = this.analysis.labels === 'sampled'
    const arms = {
      canary: labelled('canary'),
      primary: labelled('primary'),
      isDifferent: isSampled && areLabelledDifferently(labels.all.coverage, this.analysis.alpha)
    }
    if (isSampled) return { labels: arms }
    const counts = labelledCounts(canary, labels, counted => at.totals(counted, 'canary'))
    return {
      labels: arms,
      canaryAtBest: countsAtBest(counts),
      canaryAtWorst: countsAtWorst(counts)
    }
  }

  /** What a histogram's edges leave open. */
  #inexact(
    own: Counted | undefined,
    nowMs: number
  ): Pick<ObjectiveCounts, 'canaryAtWorst' | 'note'> {
    const counter = own?.ready.counter
    const note = own === undefined ? undefined : this.#source?.notes[own.ready.name]
    if (counter?.kind !== 'slower') return { note }
    const worst = this.#counted.get(counterName({ ...counter, kind: 'maybe-slower' }))
    return { canaryAtWorst: worst?.series.totals('canary', nowMs), note }
  }
}
