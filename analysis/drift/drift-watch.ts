import { className } from '../counter/class-name.ts'
import type { CountingRules } from '../counter/count-outcome.ts'
import type { Counter } from '../counter/counter.ts'
import { changesOf, readyCounters } from '../counter/changes.ts'
import type { PredictionUpdate, ReadyCounter } from '../counter/update.ts'
import { blockStart } from '../counter/grid.ts'
import type { Outcome } from '../counter/outcome.ts'
import { classifiedUpdate } from '../counter/raw-prediction.ts'
import type { OutputRules } from '../counter/raw-prediction.ts'
import { CounterSeries } from '../counter/series.ts'
import type { CellChange } from '../counter/series.ts'
import type { Analysis } from '../settings/analysis.ts'
import { bucketOf } from '../statistics/latency/log-histogram.ts'
import { noDistributionWatch, watchDistribution } from './distribution-watch.ts'
import type { DistributionWatch, ValueCounts } from './distribution-watch.ts'
import type { DriftMetric, DriftView } from './drift-view.ts'
import { windowMs } from './last-windows.ts'
import { noRateWatch, watchRate } from './rate-watch.ts'
import type { RateWatch } from './rate-watch.ts'

/** The stored drift state of a rollout. Plain JSON. */
export interface StoredDrift {
  /** Start of the present primary, in milliseconds since 1970. Earlier events belong to its predecessor. */
  readonly sinceMs: number
  readonly rates: Readonly<Record<string, RateWatch>>
  readonly distributions: Readonly<Record<string, DistributionWatch>>
}

type OpenWindow = Record<'predicted' | 'latency', Map<string, number>>

/** Older values are ignored, so that old events cannot open windows. */
const latestMs = 3_600_000
/** The number of windows in 30 days. */
const windowsOfMonth = 8_640
/** Largest number of values in a window; a model that predicts numbers would have too many. */
const maxValues = 1_000
const otherValues = '\u0000other'
const distributionMetrics = ['predicted', 'latency'] as const

const noRules = {
  positive: '1',
  output: undefined,
  threshold: undefined,
  classes: undefined,
  responseTimeoutMs: 0
}

interface WatchedRate {
  readonly metric: DriftMetric
  readonly limit: number
  readonly ready: ReadyCounter
  readonly series: CounterSeries
}

/**
 * Watches the primary for drift in windows of five minutes of event time: rates against the limits of the
 * objectives or of the baseline, distributions against those of its own first events.
 * Derivation: docs/statistics/drift.md#the-detector.
 */
export class DriftWatch {
  readonly #rates: readonly WatchedRate[]
  readonly #outputs: OutputRules
  readonly #rules: CountingRules
  readonly #isMaturityGiven: boolean
  readonly #open = new Map<number, OpenWindow>()
  #state: StoredDrift
  #closedUntilMs = Number.NEGATIVE_INFINITY

  constructor(analyses: readonly Analysis[], state: StoredDrift) {
    this.#state = withClassNames(state)
    const [first] = analyses
    this.#outputs = first ?? noRules
    const { positive, responseTimeoutMs } = first ?? noRules
    this.#rules = {
      positive,
      tolerance: first?.tolerance,
      errorCap: first?.errorCap,
      responseTimeoutMs,
      warmUntilMs: -Infinity,
      cuts: undefined
    }
    this.#isMaturityGiven = first?.maturityMs !== undefined
    this.#rates = first === undefined ? [] : watchedRates(analyses, first)
  }

  get state(): StoredDrift {
    return this.#state
  }

  /** Counts an update of a prediction; those of the canary are ignored. */
  take(given: PredictionUpdate, nowMs: number): void {
    const { variant, timeMs } = given.after
    if (variant !== 'primary' || timeMs < this.#state.sinceMs) return
    const update = classifiedUpdate(given, this.#outputs)
    const { before, after } = update
    const at = { rules: this.#rules, nowMs, isMaturityGiven: this.#isMaturityGiven }
    for (const { ready, series } of this.#rates) {
      const { changes } = changesOf(ready, update, at)
      for (const change of changes) if (isOnTime(change)) series.add(change)
    }
    const oldestMs = Math.max(this.#closedUntilMs, nowMs - latestMs)
    if (!isAnswered(after) || isAnswered(before) || after.timeMs < oldestMs) return
    const startMs = blockStart({ blockMs: windowMs }, after.timeMs)
    const own = this.#open.get(startMs) ?? openWindow()
    this.#open.set(startMs, own)
    if (after.predicted !== undefined) increment(own.predicted, after.predicted)
    if (after.latencyMs !== undefined) increment(own.latency, String(bucketOf(after.latencyMs)))
  }

  /** Closes the windows that are due. Returns whether there was one. */
  advance(nowMs: number): boolean {
    const windowsToFalseAlarm = windowsOfMonth * (this.#rates.length + distributionMetrics.length)
    let hasClosed = false
    const rates: Record<string, RateWatch> = { ...this.#state.rates }
    for (const { metric, limit, series } of this.#rates) {
      for (const { startMs, primary } of series.close(nowMs)) {
        hasClosed = true
        const at = { limit, windowsToFalseAlarm, startMs, endMs: startMs + windowMs }
        rates[metric] = watchRate(rates[metric] ?? noRateWatch, primary, at)
      }
    }
    const distributions: Record<string, DistributionWatch> = { ...this.#state.distributions }
    const untilMs = blockStart({ blockMs: windowMs }, nowMs)
    for (const [startMs, window] of [...this.#open].sort(([a], [b]) => a - b)) {
      if (startMs >= untilMs) continue
      hasClosed = true
      this.#open.delete(startMs)
      for (const metric of distributionMetrics) {
        const binning = metric === 'predicted' ? 'classes' : 'tenths'
        distributions[metric] = watchDistribution(
          distributions[metric] ?? noDistributionWatch,
          Object.fromEntries(window[metric]),
          { binning, windowsToFalseAlarm, endMs: startMs + windowMs }
        )
      }
    }
    this.#closedUntilMs = Math.max(this.#closedUntilMs, untilMs)
    this.#state = { ...this.#state, rates, distributions }
    return hasClosed
  }

  views(): readonly DriftView[] {
    const watched = this.#rates.map(({ metric }) => metric)
    const lnAlarm = Math.log(windowsOfMonth * (watched.length + distributionMetrics.length))
    const { rates, distributions } = this.#state
    return [
      ...this.#rates.map(({ metric, series }) => ({
        ...viewOf(metric, rates[metric] ?? noRateWatch, lnAlarm),
        last: { windows: rates[metric]?.last ?? [], maturityMs: series.grid.waitMs }
      })),
      ...distributionMetrics.map(metric =>
        viewOf(metric, distributions[metric] ?? noDistributionWatch, lnAlarm)
      )
    ]
  }
}

/** Classes of earlier versions were stored as they were written. */
function withClassNames(state: StoredDrift): StoredDrift {
  const { predicted } = state.distributions
  if (predicted === undefined) return state
  const named = {
    ...predicted,
    reference: renamed(predicted.reference),
    pending: renamed(predicted.pending)
  }
  return { ...state, distributions: { ...state.distributions, predicted: named } }
}

function renamed(counts: ValueCounts): ValueCounts {
  const sums: Record<string, number> = {}
  for (const [value, count] of Object.entries(counts)) {
    const name = className(value)
    sums[name] = (sums[name] ?? 0) + count
  }
  return sums
}

function viewOf(
  metric: DriftMetric,
  watch: RateWatch | DistributionWatch,
  lnAlarm: number
): DriftView {
  const { windows, lnEvidence, alarms, lastAlarmMs } = watch
  const stability = 'stability' in watch ? watch.stability : null
  return { metric, windows, lnEvidence, lnAlarm, alarms, lastAlarmMs, stability }
}

function isAnswered(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && !outcome.isPending
}

/** Late changes are ignored, because a series would keep each of their windows. */
function isOnTime({ onTimeEvents, onTimeBad }: CellChange): boolean {
  return onTimeEvents !== 0 || onTimeBad !== 0
}

function openWindow(): OpenWindow {
  return { predicted: new Map(), latency: new Map() }
}

function increment(counts: Map<string, number>, value: string): void {
  const isRoom = counts.size < maxValues || counts.has(value)
  const key = isRoom ? value : otherValues
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

type RateMetric = Exclude<DriftMetric, 'predicted' | 'latency'>
const rateMetrics: readonly RateMetric[] = ['precision', 'recall', 'accuracy', 'error-rate']

function isWatched(metric: string): metric is RateMetric {
  return (rateMetrics as readonly string[]).includes(metric)
}

/** Returns each rate that has a limit once. The limit of a baseline takes precedence over an objective's. */
function watchedRates(analyses: readonly Analysis[], first: Analysis): readonly WatchedRate[] {
  const limits = new Map<RateMetric, number>()
  const objectives = analyses.flatMap(analysis => analysis.objectives)
  for (const { metric, reference, expectedBadRatio, classes } of objectives) {
    if (!isWatched(metric) || classes !== undefined) continue
    const limit = reference.kind === 'primary' ? expectedBadRatio : reference.badRatio
    if (limit !== undefined && (reference.kind === 'baseline' || !limits.has(metric))) {
      limits.set(metric, limit)
    }
  }
  return [...limits].flatMap(([metric, limit]) => {
    const counter: Counter = { kind: metric === 'error-rate' ? 'error' : metric }
    const analysis: Analysis = { ...first, source: 'events', blockMs: windowMs }
    return readyCounters([counter], analysis).map(ready => ({
      metric,
      limit,
      ready,
      series: new CounterSeries(ready.grid)
    }))
  })
}
