import { countersOf, countersOfAnalysis, counterName } from '../counter/counter.ts'
import { readyCounters } from '../counter/changes.ts'
import type { ReadyCounter } from '../counter/changes.ts'
import { CounterSeries } from '../counter/series.ts'
import type { CellChange, ClosedBlock } from '../counter/series.ts'
import { variants } from '../counter/outcome.ts'
import type { Variant } from '../counter/outcome.ts'
import type { ObjectiveCounts } from '../judge/counts.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { isLatency, needsLabels } from '../settings/metric.ts'
import { noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import type { LogHistogram } from '../statistics/latency/log-histogram.ts'
import {
  addDispersionSums,
  addDispersionWindow,
  dispersionOf,
  noDispersion
} from '../statistics/sampling/dispersion.ts'
import type { DispersionSums } from '../statistics/sampling/dispersion.ts'
import {
  addCoverageBlock,
  decideCoverage,
  noLabelCoverage
} from '../statistics/sampling/label-coverage.ts'
import type { LabelCoverage } from '../statistics/sampling/label-coverage.ts'
import type { CountedSource } from '../source/progress.ts'
import { comparisonOf } from './comparison.ts'
import type { Comparison } from './comparison.ts'

/** The dispersion of the primary's blocks before a run, by counter. */
export type History = Readonly<Record<string, DispersionSums>>

interface Counted {
  readonly ready: ReadyCounter
  readonly series: CounterSeries
  primary: DispersionSums
  canary: DispersionSums
}

interface Compared {
  readonly objective: Objective
  readonly counters: readonly Counted[]
  readonly comparison: Comparison | undefined
}

const noBlock = { primary: noCounts, canary: noCounts }

/**
 * The evidence of one analysis of a run, updated with its counts. Neither its size nor the cost of a verdict
 * depends on the number of events.
 */
export class AnalysisState {
  readonly analysis: Analysis
  readonly counters: readonly ReadyCounter[]
  readonly #counted: ReadonlyMap<string, Counted>
  readonly #compared: readonly Compared[]
  #coverage: LabelCoverage = noLabelCoverage
  #source: CountedSource | undefined

  constructor(analysis: Analysis, history: History) {
    this.analysis = analysis
    this.counters = readyCounters(countersOfAnalysis(analysis), analysis)
    this.#counted = new Map(
      this.counters.map(ready => [
        ready.name,
        {
          ready,
          series: new CounterSeries(ready.grid),
          primary: history[ready.name] ?? noDispersion,
          canary: noDispersion
        }
      ])
    )
    this.#compared = analysis.objectives.map(objective => ({
      objective,
      counters: countersOf(objective).flatMap(
        counter => this.#counted.get(counterName(counter)) ?? []
      ),
      comparison: objective.reference.kind === 'primary' ? comparisonOf(objective) : undefined
    }))
  }

  /** Adds a change of a counter's cell; unknown counters are ignored. */
  add(counter: string, change: CellChange): void {
    this.#counted.get(counter)?.series.add(change)
  }

  /** Sets how far its source was read. Blocks close by what is counted, not by the clock. */
  setSource(source: CountedSource): void {
    if (this.#source === undefined) {
      for (const [name, sums] of Object.entries(source.history)) {
        const counted = this.#counted.get(name)
        if (counted !== undefined) counted.primary = addDispersionSums(counted.primary, sums)
      }
    }
    this.#source = source
  }

  /** Returns the counts to judge by, in the order of the objectives. */
  counts(nowMs: number, latencies: LogHistogram): readonly ObjectiveCounts[] {
    this.close(nowMs)
    return this.#compared.map(compared => this.#countsOf(compared, nowMs, latencies))
  }

  /** Closes the blocks that are due: a closed block takes no memory. */
  close(nowMs: number): void {
    const isPulled = this.analysis.source === 'prometheus'
    this.#closeUntil(isPulled ? (this.#source?.countedUntilMs ?? Number.NEGATIVE_INFINITY) : nowMs)
  }

  /** Returns the totals of a counter; undefined if this analysis does not have it. */
  totals(counter: string, variant: Variant, nowMs: number): RateCounts | undefined {
    return this.#counted.get(counter)?.series.totals(variant, nowMs)
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
        if (counted.ready.name === 'labelled') {
          this.#coverage = addCoverageBlock(this.#coverage, block)
        }
      }
    }
    for (const { comparison, counters } of this.#compared) {
      if (comparison !== undefined) addBlocks(comparison, counters, closed)
    }
  }

  #countsOf(
    { objective, counters, comparison }: Compared,
    nowMs: number,
    latencies: LogHistogram
  ): ObjectiveCounts {
    const own = counters.at(-1)
    const dispersion = this.analysis.isDispersionCorrected
      ? Math.max(1, ...counters.map(each => dispersionOf([each.canary, each.primary])))
      : 1
    const evidence = comparison?.evidence(dispersion)
    const isCoverageDue = this.#counted.has('labelled') && needsLabels(objective.metric)
    return {
      canary: own?.series.totals('canary', nowMs) ?? noCounts,
      intervals: own?.series.intervals('canary', nowMs) ?? 0,
      dispersion,
      comparison: evidence,
      comparisonLacks: comparison === undefined ? undefined : lacks(evidence),
      coverage: isCoverageDue ? decideCoverage(this.#coverage) : undefined,
      latencies: isLatency(objective.metric) ? latencies : undefined,
      ...this.#inexact(own, nowMs)
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

function lacks(evidence: Evidence | undefined): string | undefined {
  return evidence === undefined
    ? 'no closed block has events of the canary and of the primary'
    : undefined
}

function addBlocks(
  comparison: Comparison,
  counters: readonly Counted[],
  closed: ReadonlyMap<Counted, readonly ClosedBlock[]>
): void {
  const blocks = counters.map(
    counted => new Map((closed.get(counted) ?? []).map(block => [block.startMs, block]))
  )
  const starts = new Set(blocks.flatMap(byStart => [...byStart.keys()]))
  for (const startMs of [...starts].sort((a, b) => a - b)) {
    comparison.add(blocks.map(byStart => byStart.get(startMs) ?? { startMs, ...noBlock }))
  }
}
