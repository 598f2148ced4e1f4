import { concludeRun } from '../judge/judge-run.ts'
import type { JudgedObjective } from '../judge/judge-run.ts'
import type { ObjectiveVerdict, PrimaryCounts, RunVerdict } from '../judge/verdict.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { isLatency, isMean, quantileOf } from '../settings/metric.ts'
import { byClass } from '../settings/objective.ts'
import { boundsInOwnUnit, inOwnUnit } from '../settings/own-unit.ts'
import { alphaShare } from '../judge/alpha-share.ts'
import { classOf } from '../judge/judge-objective.ts'
import { worstClass } from '../judge/worst-class.ts'
import { assumptionOf } from '../judge/assumption.ts'
import { nameOf } from '../judge/describe.ts'
import { noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { histogramQuantile } from '../statistics/latency/log-histogram.ts'
import { quantileInterval } from '../statistics/latency/quantile-interval.ts'
import { rateInterval } from '../statistics/rate/rate-interval.ts'
import { decideReplayed } from './decide.ts'
import type { ReplayDecision } from './decide.ts'
import type { ReplayProgress } from './progress.ts'

/**
 * Judges a replay by the items replayed so far. Before its first items there is no data; after
 * `maxAnalysisMs` the on-inconclusive policy settles that too.
 */
export function judgeReplay(
  analysis: Analysis,
  progress: ReplayProgress | undefined,
  ageMs: number
): RunVerdict {
  if (progress === undefined || progress.tally.seen === 0) {
    if (ageMs < analysis.maxAnalysisMs) {
      return { verdict: 'no-data', reason: noAnswer, objectives: [] }
    }
    const pairs = analysis.objectives.map(objective => ({
      objective,
      judged: unanswered(objective, analysis)
    }))
    return concludeRun(analysis, pairs, { isOver: true, after: 'max-analysis' })
  }
  const pairs = judgeReplayed(analysis, progress)
  const isWhole = progress.isDone
  const isOver = isWhole || ageMs >= analysis.maxAnalysisMs
  const verdict = concludeRun(analysis, pairs, {
    isOver,
    after: isWhole ? 'the whole set' : 'max-analysis'
  })
  if (isOver || verdict.verdict === 'fail') return verdict
  const seenItems = `${progress.tally.seen} of ${progress.total} items replayed`
  return { ...verdict, reason: `${seenItems}: ${verdict.reason}` }
}

const noAnswer = 'the replay has no results yet'

function unanswered(objective: Objective, analysis: Analysis): ObjectiveVerdict {
  const { metric, reference, critical } = objective
  return {
    metric,
    ...(reference.kind === 'limit' ? {} : { versus: reference.kind }),
    verdict: 'no-data',
    ...noCounts,
    estimate: null,
    confidence: null,
    lnEFail: null,
    lnEPass: null,
    eventsToVerdict: null,
    critical,
    assumption: assumptionOf(objective, analysis),
    coverage: null,
    reason: `${nameOf(objective)}: ${noAnswer}`
  }
}

/** Whether no remaining item can change the verdict. */
export function isReplayDecided(analysis: Analysis, progress: ReplayProgress): boolean {
  if (progress.tally.seen === progress.total) return true
  if (analysis.replay?.stop === 'whole') return false
  const verdicts = judgeReplayed(analysis, progress).map(({ judged }) => judged.verdict)
  return verdicts.includes('fail') || verdicts.every(verdict => verdict === 'pass')
}

function judgeReplayed(analysis: Analysis, progress: ReplayProgress): readonly JudgedObjective[] {
  const { objectives, alpha, beta, replay } = analysis
  return objectives.flatMap(objective => {
    const share = alphaShare({ objectives, guards: [] }, objective)
    const levels = { alpha, beta, alphaShare: share, stop: replay?.stop ?? 'whole' }
    const classes: readonly JudgedObjective[] = byClass(objective).map(each => {
      const decision = decideReplayed(each, progress, levels)
      return { objective: each, judged: judgedOf(each, decision, progress, analysis) }
    })
    const worst = worstClass(classes)
    return worst === undefined ? [] : [{ ...worst, classes }]
  })
}

function judgedOf(
  objective: Objective,
  decision: ReplayDecision,
  progress: ReplayProgress,
  analysis: Analysis
): ObjectiveVerdict {
  const { counts, evidence, verdict } = decision
  const { metric, reference, critical } = objective
  const isOpen = verdict === 'inconclusive'
  const judged: Omit<ObjectiveVerdict, 'reason'> = {
    metric,
    ...(reference.kind === 'limit' ? {} : { versus: reference.kind }),
    ...classOf(objective),
    verdict,
    ...counts,
    ...shownOf(objective, decision, progress, analysis.alpha),
    lnEFail: finite(evidence?.lnEFail),
    lnEPass: finite(evidence?.lnEPass),
    eventsToVerdict: isOpen ? progress.total - progress.tally.seen : null,
    critical,
    assumption: assumptionOf(objective, analysis),
    coverage: null,
    ...(reference.kind === 'primary' ? { primary: primaryOf(counts) } : {})
  }
  return { ...judged, reason: describe(objective, judged, decision, progress) }
}

/** Of the items that exactly one arm got wrong, those that were the primary's. */
function primaryOf({ events, bad }: RateCounts): PrimaryCounts {
  const own = events - bad
  return { events, bad: own, estimate: events === 0 ? null : own / events }
}

function shownOf(
  objective: Objective,
  { counts }: ReplayDecision,
  { tally }: ReplayProgress,
  alpha: number
): Pick<ObjectiveVerdict, 'estimate' | 'confidence'> {
  const { metric, reference } = objective
  const { events, bad } = counts
  if (events === 0) return { estimate: null, confidence: null }
  if (isLatency(metric)) {
    const { low, high } = quantileInterval(tally.latencies, quantileOf(metric), alpha)
    const estimate = histogramQuantile(tally.latencies, quantileOf(metric))
    return { estimate: finite(estimate), confidence: [finite(low), finite(high)] }
  }
  const interval = rateInterval(counts, alpha)
  const share = bad / events
  if (reference.kind === 'primary') {
    return { estimate: share, confidence: [interval.low, interval.high] }
  }
  const estimate = inOwnUnit(objective, share)
  return {
    estimate: isMean(metric) ? Number(estimate.toPrecision(9)) : estimate,
    confidence: boundsInOwnUnit(objective, interval)
  }
}

function describe(
  objective: Objective,
  { verdict, estimate, events, bad }: Omit<ObjectiveVerdict, 'reason'>,
  { isExact }: ReplayDecision,
  { tally, total }: ReplayProgress
): string {
  const name = nameOf(objective)
  if (verdict === 'no-data') return `${name}: the labelled set has no item for it`
  const shown = estimate === null ? 'unknown' : String(Number(estimate.toPrecision(3)))
  const figure =
    objective.reference.kind === 'primary'
      ? `${name}: ${bad} of ${events} items that exactly one arm got wrong are the canary's`
      : `${name} ${shown}${isLatency(objective.metric) ? ' ms' : ''} of ${events} items`
  const seen = tally.seen === total ? `all ${total} items` : `${tally.seen} of ${total} items`
  switch (verdict) {
    case 'pass':
      return `${figure}, after ${seen}: it meets ${bar(objective)}${certainty(isExact)}`
    case 'fail':
      return `${figure}, after ${seen}: it does not meet ${bar(objective)}${certainty(isExact)}`
    case 'inconclusive':
      return `${figure}, after ${seen}: undecided against ${bar(objective)}`
  }
}

function certainty(isExact: boolean): string {
  return isExact ? ', and no further item can change that' : ', proved'
}

function bar(objective: Objective): string {
  const { reference } = objective
  if (reference.kind === 'primary') return 'the primary'
  if (reference.thresholdMs !== undefined) return `${reference.thresholdMs} ms`
  const limit = inOwnUnit(objective, reference.badRatio)
  const shown = String(Number(limit.toPrecision(6)))
  return reference.kind === 'baseline' ? `the baseline's ${shown}` : shown
}

function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value
}
