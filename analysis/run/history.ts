import { contributionOf } from '../counter/count-outcome.ts'
import type { CountingRules } from '../counter/count-outcome.ts'
import { countersOfAnalysis } from '../counter/analysis-counters.ts'
import type { Counter, Cuts } from '../counter/counter.ts'
import { readyCounters } from '../counter/changes.ts'
import type { ReadyCounter } from '../counter/update.ts'
import { blockClosesMs, blockStart } from '../counter/grid.ts'
import type { Outcome } from '../counter/outcome.ts'
import { classified } from '../counter/raw-prediction.ts'
import { outcomeOf } from '../event/join.ts'
import type { Analysis } from '../settings/analysis.ts'
import { addCounts, noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { cutQuantiles } from '../statistics/latency/cut-mix.ts'
import {
  bucketEdges,
  bucketOfRank,
  countOf,
  histogramOf
} from '../statistics/latency/log-histogram.ts'
import type { LogHistogram } from '../statistics/latency/log-histogram.ts'
import { addDispersionWindow, noDispersion } from '../statistics/sampling/dispersion.ts'
import type { ArrivedPrediction, RunRow } from '../store/store.ts'
import type { RunFacts } from './run-facts.ts'

/** Blocks of the primary before a run, which show how bursty its bad events are. */
const historyBlocks = 20
/** What has no dispersion, or none before the run. */
const notOfHistory: ReadonlySet<Counter['kind']> = new Set(['cut', 'mean', 'bet', 'beyond-cap'])
/** Fewer latencies do not determine a 99th percentile. */
const leastLatencies = 100

/**
 * Learns the primary's behaviour before a run, for an analysis that starts in it: the dispersion of its
 * blocks, and its latencies if the canary's are compared with them. Facts that are known already stay.
 *
 * @param recent returns predictions from an event time on
 */
export function learnHistory(
  { facts, startedMs }: RunRow,
  analysis: Analysis,
  recent: (fromMs: number) => Iterable<ArrivedPrediction>
): RunFacts {
  const counters = readyCounters(countersOfAnalysis(analysis), analysis).filter(
    ({ name, counter }) => facts.history[name] === undefined && !notOfHistory.has(counter.kind)
  )
  const rules: CountingRules = {
    positive: analysis.positive,
    tolerance: analysis.tolerance,
    errorCap: analysis.errorCap,
    responseTimeoutMs: analysis.responseTimeoutMs,
    warmUntilMs: Number.NEGATIVE_INFINITY,
    cuts: undefined
  }
  const blocks = new Map(counters.map(({ name }) => [name, new Map<number, RateCounts>()]))
  const latenciesMs: number[] = []
  for (const { prediction } of recent(startedMs - historyBlocks * analysis.blockMs)) {
    const given = outcomeOf(prediction)
    const outcome = given && classified(given, analysis)
    if (outcome?.variant !== 'primary' || outcome.timeMs >= startedMs) continue
    if (outcome.latencyMs !== undefined) latenciesMs.push(outcome.latencyMs)
    for (const ready of counters) {
      const own = blocks.get(ready.name)
      if (own !== undefined) addToBlocks(own, outcome, { ready, rules, startedMs })
    }
  }
  const history = Object.fromEntries(
    [...blocks].map(([name, byStart]) => [
      name,
      [...byStart.values()].reduce(addDispersionWindow, noDispersion)
    ])
  )
  return {
    ...facts,
    history: { ...history, ...facts.history },
    cuts: facts.cuts ?? cutsFrom(histogramOf(latenciesMs), startedMs)
  }
}

function addToBlocks(
  blocks: Map<number, RateCounts>,
  outcome: Outcome,
  at: {
    readonly ready: ReadyCounter
    readonly rules: CountingRules
    readonly startedMs: number
  }
): void {
  const { counter, grid } = at.ready
  const bad = contributionOf(counter, outcome, at.rules)
  const { isPending, timeMs } = outcome
  const closesMs = blockClosesMs(grid, timeMs) + (isPending ? at.rules.responseTimeoutMs : 0)
  if (bad === undefined || closesMs > at.startedMs) return
  const startMs = blockStart(grid, outcome.timeMs)
  blocks.set(startMs, addCounts(blocks.get(startMs) ?? noCounts, { events: 1, bad }))
}

/**
 * Returns the cuts of a histogram of the primary's latencies; null while it has too few. They apply from a
 * time after all of these latencies, because a cut must be known before it is used.
 */
export function cutsFrom(histogram: LogHistogram, fromMs: number): RunFacts['cuts'] {
  if (countOf(histogram) < leastLatencies) return null
  const [p50, p90, p95, p99] = cutQuantiles.map(level => upperEdge(histogram, level))
  const values: Cuts = [p50 ?? 0, p90 ?? 0, p95 ?? 0, p99 ?? 0]
  return { values, fromMs }
}

/** Of the bucket with the quantile, so that a primary with constant latency is not slower than its cut. */
function upperEdge(histogram: LogHistogram, level: number): number {
  const rank = Math.max(1, Math.ceil(level * countOf(histogram)))
  const bucket = bucketOfRank(histogram, rank)
  return bucket === undefined ? 0 : bucketEdges(bucket).high
}
