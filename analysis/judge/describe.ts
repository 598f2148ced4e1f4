import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { isLatency, limitWord } from '../settings/metric.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import type { ObjectiveCounts } from './counts.ts'
import type { ObjectiveVerdict } from './verdict.ts'

type Judged = Omit<ObjectiveVerdict, 'reason'>
type Levels = Pick<Analysis, 'alpha' | 'beta' | 'minEvents' | 'minIntervals'> & {
  readonly objectives: number
}

/** Returns one line: `precision 0.871 [0.842, 0.897] of 1,000 events is proved below 0.92`. */
export function describeObjective(
  objective: Objective,
  judged: Judged,
  counts: ObjectiveCounts,
  levels: Levels
): string {
  return `${verdictOf(objective, judged, counts, levels)}${counts.note === undefined ? '' : ` (${counts.note})`}`
}

function verdictOf(
  objective: Objective,
  judged: Judged,
  counts: ObjectiveCounts,
  levels: Levels
): string {
  const subject = subjectOf(objective, judged)
  switch (judged.verdict) {
    case 'no-data':
      return `${nameOf(objective)}: no data yet`
    case 'fail':
      return `${subject} is proved ${worse(objective)} ${bar(objective)}`
    case 'pass':
      return `${subject} is proved not ${worse(objective)} ${bar(objective)} by more than ${tolerance(objective)}`
    case 'inconclusive':
      return `${subject} is undecided against ${bar(objective)}: ${missing(judged, counts, levels)}`
  }
}

/** `precision`, `precision versus primary`. */
export function nameOf({ metric, reference }: Objective): string {
  return reference.kind === 'limit' ? metric : `${metric} versus ${reference.kind}`
}

function subjectOf(objective: Objective, judged: Judged): string {
  const { estimate, confidence, events, bad } = judged
  if (estimate === null && confidence === null) {
    return `${objective.metric} of ${events} events, ${bad} of them too slow,`
  }
  const write = (value: number | null) => figure(objective, value)
  const interval = confidence === null ? '' : ` [${write(confidence[0])}, ${write(confidence[1])}]`
  return `${objective.metric} ${write(estimate)}${interval} of ${events} events`
}

function figure({ metric }: Objective, value: number | null): string {
  if (value === null) return 'unknown'
  if (!isLatency(metric)) return String(Number(value.toPrecision(3)))
  return `${Number(value.toPrecision(3))} ms`
}

function tolerance({ metric, reference, isMarginGiven }: Objective): string {
  if (reference.kind !== 'primary') return 'the margin'
  if (metric === 'latency.p99') return 'twice the odds of being slow'
  return isMarginGiven ? 'the margin' : '1.5 times the odds of a bad event'
}

function worse({ metric, reference }: Objective): string {
  if (reference.kind === 'primary') return 'worse than'
  return limitWord(metric) === 'min' ? 'below' : 'above'
}

function bar({ metric, reference }: Objective): string {
  if (reference.kind === 'primary') return 'the primary'
  const limit = limitWord(metric) === 'max' ? reference.badRatio : 1 - reference.badRatio
  const shown =
    reference.thresholdMs === undefined
      ? String(Number(limit.toPrecision(6)))
      : `${reference.thresholdMs} ms`
  return reference.kind === 'baseline' ? `the baseline's ${shown}` : shown
}

function missing(judged: Judged, counts: ObjectiveCounts, levels: Levels): string {
  const { coverage, intervals, comparisonLacks } = counts
  if (coverage?.kind === 'too-low') {
    return `only ${percent(coverage.coverage)} of its predictions have a label; 80 % are required`
  }
  if (coverage?.kind === 'arms-differ') {
    const { coverage: canary, primaryCoverage } = coverage
    return `${percent(canary)} of the canary's predictions have a label and ${percent(primaryCoverage)} of the primary's`
  }
  if (comparisonLacks !== undefined) return comparisonLacks
  if (intervals < levels.minIntervals) {
    return `${intervals} of ${levels.minIntervals} required intervals`
  }
  const { lnEFail, lnEPass, eventsToVerdict } = judged
  const evidence = `evidence ${share(lnEFail, failThreshold(levels.alpha, 1 / levels.objectives))} of the way to FAIL, ${share(lnEPass, passThreshold(levels.beta))} to PASS`
  return eventsToVerdict === null
    ? evidence
    : `${evidence}, about ${eventsToVerdict} more events needed`
}

function share(lnE: number | null, threshold: number): string {
  return percent(Math.min(1, Math.max(0, (lnE ?? 0) / threshold)))
}

function percent(value: number): string {
  return `${Math.round(value * 100)} %`
}
