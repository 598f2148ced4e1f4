import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import { pairEvidence } from '../statistics/comparison/pair-evidence.ts'
import type { RateCounts } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import { rateEvidence, rateTest } from '../statistics/rate/rate-evidence.ts'
import { earlyStopEvidence } from '../statistics/replay/early-stop.ts'
import { curtailPrecision, curtailShare } from '../statistics/replay/exact.ts'
import type { KnownTotal } from '../statistics/replay/exact.ts'
import { precisionReplayEvidence } from '../statistics/replay/precision-betting.ts'
import type { Verdict } from '../judge/verdict.ts'
import { curtailedClass, curtailedF1, curtailedMean } from './decide-counted.ts'
import type { Curtailed } from './decide-counted.ts'
import type { ReplayProgress } from './progress.ts'
import { noRanked, rankedCounts, rankedEvidence } from './ranked-items.ts'
import { pairsOf } from './tally.ts'

/** The decision on one objective of a replay. */
export interface ReplayDecision {
  readonly verdict: Verdict
  /** The items that the objective is about, and the bad ones among them. */
  readonly counts: RateCounts
  /** Undefined if only arithmetic decides. */
  readonly evidence: Evidence | undefined
  /** Whether it is certain for the whole set; otherwise it was proved at alpha or beta. */
  readonly isExact: boolean
}

type Levels = Pick<Analysis, 'alpha' | 'beta'> & {
  readonly alphaShare: number
  readonly stop: 'whole' | 'sure' | 'early'
}

/** Decides one objective by the items replayed so far (docs/statistics.md#replay). */
export function decideReplayed(
  objective: Objective,
  progress: ReplayProgress,
  levels: Levels
): ReplayDecision {
  const { metric, reference, classes } = objective
  if (reference.kind === 'primary') return decidePairs(objective, progress, levels)
  const { badRatio } = reference
  if (classes !== undefined) {
    return settled(curtailedClass(objective, goodRatio(badRatio), progress), progress, levels)
  }
  switch (metric) {
    case 'f1':
      return settled(curtailedF1(objective, badRatio, progress), progress, levels)
    case 'mae':
    case 'bias':
      return settled(curtailedMean(objective, badRatio, progress), progress, levels)
    case 'auc':
      return decideArea(objective, badRatio, progress, levels)
    case 'precision':
      return decidePrecision(objective, reference.badRatio, progress, levels)
    case 'recall':
    case 'accuracy':
      return decideShare(objective, reference.badRatio, progress, levels)
    default: {
      const { tally } = progress
      const bad = tally.slower[String(reference.thresholdMs)] ?? 0
      const counts =
        metric === 'error-rate'
          ? { events: tally.seen, bad: tally.errors }
          : { events: tally.timed, bad }
      const test = rateTest({ limit: reference.badRatio, margin: objective.margin })
      return proved(rateEvidence(test, counts), counts, progress, levels)
    }
  }
}

/** A verdict that the rest cannot change, or one that is proved before the end. */
function settled(
  { counts, verdict, evidence }: Curtailed,
  { tally, total }: ReplayProgress,
  levels: Levels
): ReplayDecision {
  if (verdict === 'none') return noData(counts)
  const isWhole = tally.seen === total
  if ((isWhole || levels.stop !== 'whole') && verdict !== 'open') return exact(verdict, counts)
  return early(levels.stop === 'early' ? evidence : undefined, counts, levels)
}

/** The order of a replay is random, so its pairs are draws. */
function decideArea(
  { margin }: Objective,
  badRatio: number,
  progress: ReplayProgress,
  levels: Levels
): ReplayDecision {
  const ranked = progress.tally.ranked ?? noRanked
  const counts = rankedCounts(ranked)
  if (counts.events === 0 && progress.tally.seen === progress.total) return noData(counts)
  const evidence = rankedEvidence(ranked, { limit: badRatio, margin })
  return proved(evidence, counts, progress, levels)
}

/** Decides a share of a known number of items: of all for accuracy, of the positives for recall. */
function decideShare(
  { metric, margin }: Objective,
  badRatio: number,
  { tally, total, positives }: ReplayProgress,
  levels: Levels
): ReplayDecision {
  const known: KnownTotal =
    metric === 'accuracy'
      ? { good: tally.right, seen: tally.seen - tally.errors, total: total - tally.errors }
      : {
          good: tally.truePositives,
          seen: tally.truePositives + tally.falseNegatives,
          total: positives - tally.positiveErrors
        }
  const counts = { events: known.seen, bad: known.seen - known.good }
  if (known.total === 0) return noData(counts)
  const least = goodRatio(badRatio)
  const curtailed = curtailShare(known, least)
  const isWhole = tally.seen === total
  if (isWhole || levels.stop !== 'whole') {
    if (curtailed !== 'open') return exact(curtailed, counts)
  }
  const evidence =
    levels.stop === 'early' && least - margin > 0
      ? earlyStopEvidence(known, { least, margin })
      : undefined
  return early(evidence, counts, levels)
}

function decidePrecision(
  { margin }: Objective,
  badRatio: number,
  { tally, total, positives }: ReplayProgress,
  levels: Levels
): ReplayDecision {
  const { truePositives, falsePositives } = tally
  const counts = { events: truePositives + falsePositives, bad: falsePositives }
  const least = goodRatio(badRatio)
  const positivesLeft = positives - tally.positives
  const negativesLeft = total - tally.seen - positivesLeft
  const curtailed = curtailPrecision(
    { truePositives, falsePositives, positivesLeft, negativesLeft },
    least
  )
  if (curtailed === 'none') return noData(counts)
  if ((tally.seen === total || levels.stop !== 'whole') && curtailed !== 'open') {
    return exact(curtailed, counts)
  }
  const isBetting = levels.stop === 'early' && least - margin > 0
  return early(isBetting ? precisionReplayEvidence(tally.betting) : undefined, counts, levels)
}

/** Decides by McNemar's pairs: items that both arms answered. */
function decidePairs(
  { metric, margin }: Objective,
  progress: ReplayProgress,
  levels: Levels
): ReplayDecision {
  const { pairs } = progress.tally
  const own = pairs[metric === 'recall' || metric === 'error-rate' ? metric : 'accuracy']
  const counts = { events: own.onlyCanaryBad + own.onlyPrimaryBad, bad: own.onlyCanaryBad }
  return proved(pairEvidence({ ...own, pairs: pairsOf(own) }, margin), counts, progress, levels)
}

function proved(
  evidence: Evidence,
  counts: RateCounts,
  { tally, total }: ReplayProgress,
  levels: Levels
): ReplayDecision {
  const isEnough = levels.stop !== 'whole' || tally.seen === total
  const decision = early(evidence, counts, levels)
  return isEnough ? decision : { ...decision, verdict: 'inconclusive' }
}

function early(
  evidence: Evidence | undefined,
  counts: RateCounts,
  { alpha, beta, alphaShare }: Levels
): ReplayDecision {
  const isFail = evidence !== undefined && evidence.lnEFail >= failThreshold(alpha, alphaShare)
  const isPass = evidence !== undefined && evidence.lnEPass >= passThreshold(beta)
  const verdict = isFail ? 'fail' : isPass ? 'pass' : 'inconclusive'
  return { verdict, counts, evidence, isExact: false }
}

function exact(verdict: 'pass' | 'fail', counts: RateCounts): ReplayDecision {
  return { verdict, counts, evidence: undefined, isExact: true }
}

function noData(counts: RateCounts): ReplayDecision {
  return { verdict: 'no-data', counts, evidence: undefined, isExact: true }
}

/** 1 - 0.08 without rounding error. */
function goodRatio(badRatio: number): number {
  return Number((1 - badRatio).toPrecision(12))
}
