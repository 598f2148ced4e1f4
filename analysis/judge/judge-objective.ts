import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { isMean, isQuantile, quantileOf } from '../settings/metric.ts'
import { boundsInOwnUnit, inOwnUnit } from '../settings/own-unit.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import { divideCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { isProved } from '../statistics/evidence.ts'
import type { Evidence } from '../statistics/evidence.ts'
import type { Interval } from '../statistics/interval.ts'
import { histogramQuantile } from '../statistics/latency/log-histogram.ts'
import type { LogHistogram } from '../statistics/latency/log-histogram.ts'
import { quantileInterval } from '../statistics/latency/quantile-interval.ts'
import { rateEvidence, rateTest } from '../statistics/rate/rate-evidence.ts'
import { rateInterval } from '../statistics/rate/rate-interval.ts'
import { eventsToVerdict } from '../statistics/rate/samples-to-verdict.ts'
import { assumptionOf } from './assumption.ts'
import { isByPairs } from './counts.ts'
import type { Labelled, MeanEvidence, ObjectiveCounts } from './counts.ts'
import { describeShift } from './describe-shift.ts'
import { describeObjective } from './describe.ts'
import type { ObjectiveVerdict, PrimaryCounts, Verdict } from './verdict.ts'

type Levels = Pick<
  Analysis,
  | 'alpha'
  | 'beta'
  | 'minEvents'
  | 'minIntervals'
  | 'source'
  | 'labels'
  | 'isDispersionCorrected'
  | 'onShift'
>

/**
 * Judges one of several objectives by its share of `alpha`. A verdict may be computed at any time and
 * any number of times: its error rates hold over all of them (docs/statistics.md#e-processes).
 */
export function judgeObjective(
  objective: Objective,
  counts: ObjectiveCounts,
  levels: Levels & { readonly alphaShare: number }
): ObjectiveVerdict {
  const evidence = evidenceOf(objective, counts)
  const { verdict, held } = holdShift(decide(evidence, counts, levels), counts, levels)
  const { events } = counts.canary
  const hasEvents = events > 0
  const isDecided = verdict === 'pass' || verdict === 'fail'
  const judged: Omit<ObjectiveVerdict, 'reason'> = {
    metric: objective.metric,
    ...classOf(objective),
    verdict,
    events,
    bad: badOf(objective, counts.canary),
    estimate: hasEvents ? estimateOf(objective, counts.canary, counts.latencies) : null,
    // A guard is listed only once it fails, and an interval is the slowest part of a verdict.
    confidence:
      hasEvents && (verdict === 'fail' || !objective.isGuard)
        ? confidenceOf(objective, counts, levels.alpha)
        : null,
    lnEFail: hasEvents && evidence !== undefined ? evidence.lnEFail : null,
    lnEPass: hasEvents && evidence !== undefined ? evidence.lnEPass : null,
    eventsToVerdict: isDecided ? null : missingEvents(objective, counts, levels),
    critical: objective.critical,
    ...held,
    assumption: assumptionOf(objective, levels, unitOf(counts)),
    coverage: coverageOf(counts.labels?.canary),
    ...comparedWith(objective, counts)
  }
  return { ...judged, reason: reasonOf(objective, judged, counts, levels) }
}

/** A proved shift is a difference, and need not be harm: it is no FAIL if a person is to decide. */
function holdShift(
  verdict: Verdict,
  { shift }: ObjectiveCounts,
  { onShift }: Levels
): Pick<ObjectiveVerdict, 'verdict'> & { readonly held?: Pick<ObjectiveVerdict, 'held'> } {
  const isHeld = verdict === 'fail' && shift !== undefined && onShift === 'hold'
  return isHeld ? { verdict: 'inconclusive', held: { held: true } } : { verdict }
}

function reasonOf(
  objective: Objective,
  judged: Omit<ObjectiveVerdict, 'reason'>,
  counts: ObjectiveCounts,
  levels: Levels & { readonly alphaShare: number }
): string {
  const { shift } = counts
  return shift === undefined
    ? describeObjective(objective, judged, counts, levels)
    : describeShift(objective, judged, { ...counts, shift }, levels)
}

function evidenceOf(
  { reference, margin }: Objective,
  counts: ObjectiveCounts
): Evidence | undefined {
  if (counts.clusters !== undefined) return counts.clusters.evidence
  if (counts.mean !== undefined) return counts.mean
  if (reference.kind === 'primary') return counts.comparison
  const test = rateTest({ limit: reference.badRatio, margin })
  const evidence = (canary: RateCounts) =>
    rateEvidence(test, divideCounts(canary, counts.dispersion))
  const { canary, canaryAtBest = canary, canaryAtWorst = canary } = counts
  return { lnEFail: evidence(canaryAtBest).lnEFail, lnEPass: evidence(canaryAtWorst).lnEPass }
}

/** If both are proved, FAIL wins (docs/statistics.md#when-a-verdict-is-given). */
function decide(
  evidence: Evidence | undefined,
  { canary, intervals, labels, unusable, undecided }: ObjectiveCounts,
  { alpha, beta, minEvents, minIntervals, alphaShare }: Levels & { readonly alphaShare: number }
): Verdict {
  if (canary.events === 0 || unusable !== undefined) return 'no-data'
  if (evidence === undefined || intervals < minIntervals) return 'inconclusive'
  if (labels?.isDifferent === true || undecided !== undefined) return 'inconclusive'
  const isFailProved = evidence.lnEFail >= failThreshold(alpha, alphaShare)
  if (isFailProved && canary.events >= minEvents) return 'fail'
  return evidence.lnEPass >= passThreshold(beta) && !isFailProved ? 'pass' : 'inconclusive'
}

function unitOf(counts: ObjectiveCounts): 'event' | 'cluster' | 'pair' {
  if (counts.clusters !== undefined || counts.shift?.isOfClusters === true) return 'cluster'
  return isByPairs(counts) ? 'pair' : 'event'
}

/** The labelled share; null without a prediction that should have a label. */
function coverageOf(labels: Labelled | undefined): number | null {
  if (labels === undefined || labels.predictions === 0) return null
  return labels.labelled / labels.predictions
}

function comparedWith(
  objective: Objective,
  counts: ObjectiveCounts
): Pick<ObjectiveVerdict, 'versus' | 'guard' | 'primary' | 'pairs'> {
  const { isGuard, reference } = objective
  if (reference.kind === 'limit') return {}
  if (reference.kind === 'baseline') return { versus: 'baseline' }
  const primary = primaryOf(objective, counts)
  const pairs = isByPairs(counts) && counts.pairs !== undefined ? { pairs: counts.pairs } : {}
  return { versus: 'primary', ...(isGuard ? { guard: true } : {}), primary, ...pairs }
}

function primaryOf(
  objective: Objective,
  { primary, primaryLatencies }: ObjectiveCounts
): PrimaryCounts {
  const estimate = primary.events > 0 ? estimateOf(objective, primary, primaryLatencies) : null
  return { events: primary.events, bad: primary.bad, estimate }
}

function estimateOf(
  objective: Objective,
  counts: RateCounts,
  latencies: LogHistogram | undefined
): number | null {
  const { metric } = objective
  if (isQuantile(metric)) {
    return latencies === undefined ? null : finite(histogramQuantile(latencies, quantileOf(metric)))
  }
  const value = inOwnUnit(objective, counts.bad / counts.events)
  return isMean(metric) ? shortened(value) : value
}

/** The class of an objective that is about one of several. */
export function classOf({ classes }: Objective): Pick<ObjectiveVerdict, 'class'> {
  const [only] = classes ?? []
  return only === undefined ? {} : { class: only }
}

function badOf({ metric }: Objective, { bad }: RateCounts): number {
  return isMean(metric) ? shortened(bad) : bad
}

/** Sums of values are exact to nine digits. */
function shortened(value: number): number {
  return Number(value.toPrecision(9)) + 0
}

function confidenceOf(
  objective: Objective,
  {
    canary,
    canaryAtBest = canary,
    canaryAtWorst = canary,
    dispersion: ofBlocks,
    clusters,
    latencies,
    mean
  }: ObjectiveCounts,
  alpha: number
): readonly [number | null, number | null] | null {
  const { metric } = objective
  if (isQuantile(metric)) {
    if (latencies === undefined || latencies.length === 0) return null
    const { low, high } = quantileInterval(latencies, quantileOf(metric), alpha)
    return [finite(low), finite(high)]
  }
  const dispersion = Math.max(ofBlocks, clusters?.dispersion ?? 1)
  const best = rateInterval(divideCounts(canaryAtBest, dispersion), alpha)
  const isExact =
    canaryAtBest.events === canaryAtWorst.events && canaryAtBest.bad === canaryAtWorst.bad
  const worst = isExact ? best : rateInterval(divideCounts(canaryAtWorst, dispersion), alpha)
  const bounds = { low: best.low, high: worst.high }
  return boundsInOwnUnit(
    objective,
    clusters === undefined && mean !== undefined ? narrowed(objective, bounds, mean, alpha) : bounds
  )
}

/** An interval of shares is wide for values that vary less: what bets have disproved is left out. */
function narrowed(
  { reference, margin }: Objective,
  bounds: Interval,
  { tests }: MeanEvidence,
  alpha: number
): Interval {
  if (reference.kind === 'primary') return bounds
  const { badRatio } = reference
  let { low, high } = bounds
  for (const { direction, side, lnE } of tests) {
    if (!isProved(lnE, alpha)) continue
    const border = side === 'fail' ? badRatio : badRatio + margin
    const isLower = (side === 'fail') === (direction === 'above')
    const inUnit = direction === 'above' ? border : 1 - border
    if (isLower) low = Math.max(low, inUnit)
    else high = Math.min(high, inUnit)
  }
  return { low, high }
}

function missingEvents(
  { reference, margin }: Objective,
  { canary, canaryAtBest = canary, canaryAtWorst = canary, clusters, mean }: ObjectiveCounts,
  { alpha, beta, alphaShare }: Levels & { readonly alphaShare: number }
): number | null {
  if (reference.kind === 'primary' || clusters !== undefined || mean !== undefined) return null
  // More events cannot decide what missing labels or the edges of a histogram leave open.
  if (canaryAtWorst.bad !== canaryAtBest.bad) return null
  const limit = { limit: reference.badRatio, margin }
  const total = eventsToVerdict(canary, limit, { alpha: alpha * alphaShare, beta })
  return total === null ? null : Math.max(1, Math.ceil(total - canary.events))
}

function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value
}
