import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { isLatency, limitWord, scoreName } from '../settings/metric.ts'
import { inOwnUnit } from '../settings/own-unit.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import type { Labelled, ObjectiveCounts } from './counts.ts'
import type { ObjectiveVerdict } from './verdict.ts'

type Judged = Omit<ObjectiveVerdict, 'reason'>
type Levels = Pick<Analysis, 'alpha' | 'beta' | 'minEvents' | 'minIntervals' | 'labels'> & {
  readonly alphaShare: number
}

/** Returns one line: `precision 0.871 [0.842, 0.897] of 1,000 events is proved below 0.92`. */
export function describeObjective(
  objective: Objective,
  judged: Judged,
  counts: ObjectiveCounts,
  levels: Levels
): string {
  const notes = [
    missingLabels(objective, judged, counts, levels),
    clusters(counts),
    cut(objective, counts),
    counts.note
  ].filter(note => note !== undefined)
  const text = verdictOf(objective, judged, counts, levels)
  const named = objective.isGuard ? `guard: ${text}` : text
  return notes.length === 0 ? named : `${named} (${notes.join('; ')})`
}

/** `40 of 100 positive predictions have no label: bad for PASS, good for FAIL`. */
function missingLabels(
  objective: Objective,
  judged: Judged,
  { labels }: ObjectiveCounts,
  levels: Pick<Analysis, 'labels'>
): string | undefined {
  if (labels === undefined || labels.isDifferent || judged.verdict === 'no-data') return undefined
  const { predictions, labelled } = labels.canary
  const missing = predictions - labelled
  if (missing <= 0) return undefined
  const text = `${missing} of ${predictions} ${relevant(objective)} have no ${awaited(objective)}`
  return levels.labels === 'sampled'
    ? `${text} and do not count`
    : `${text}: they count as bad for PASS and as good for FAIL`
}

function awaited({ metric }: Objective): 'label' | 'score' {
  return scoreName(metric) === undefined ? 'label' : 'score'
}

/** `3 of 500 errors are larger than 5 (error-cap) and count as 5`. */
function cut({ errorCap }: Objective, { beyondCap }: ObjectiveCounts): string | undefined {
  if (errorCap === undefined || beyondCap === undefined || beyondCap.bad === 0) return undefined
  const { events, bad } = beyondCap
  return `${bad} of ${events} errors are larger than ${errorCap} (error-cap) and count as ${errorCap}`
}

function clusters({ clusters: found }: ObjectiveCounts): string | undefined {
  if (found === undefined) return undefined
  return `judged by the ${found.count} clusters of the canary in closed blocks, each once`
}

function relevant({ metric }: Objective): string {
  return metric === 'precision' ? 'positive predictions' : 'predictions'
}

function verdictOf(
  objective: Objective,
  judged: Judged,
  counts: ObjectiveCounts,
  levels: Levels
): string {
  const subject = subjectOf(objective, judged, counts)
  switch (judged.verdict) {
    case 'no-data':
      return `${nameOf(objective)}: ${noData(objective, counts)}`
    case 'fail':
      return `${subject} is proved ${worse(objective)} ${bar(objective)}`
    case 'pass':
      return `${subject} is proved not ${worse(objective)} ${bar(objective)} by more than ${tolerance(objective)}`
    case 'inconclusive':
      return `${subject} is undecided against ${bar(objective)}: ${missing(objective, judged, counts, levels)}`
  }
}

/** `precision`, `precision versus primary`. */
export function nameOf({ metric, reference, classes }: Objective): string {
  const name = `${metric}${classText(classes)}`
  return reference.kind === 'limit' ? name : `${name} versus ${reference.kind}`
}

/** ` of class "a"`; nothing where classes have no tests of their own. */
function classText(classes: Objective['classes']): string {
  if (classes === undefined) return ''
  const names = classes.map(each => JSON.stringify(each)).join(', ')
  return classes.length === 1 ? ` of class ${names}` : ` by class ${names}`
}

function subjectOf(objective: Objective, judged: Judged, counts: ObjectiveCounts): string {
  const { estimate, confidence, events, bad } = judged
  if (estimate === null && confidence === null) {
    return `${objective.metric} of ${events} events, ${bad} of them too slow,`
  }
  const write = (value: number | null) => figure(objective, value)
  const interval = confidence === null ? '' : ` [${write(confidence[0])}, ${write(confidence[1])}]`
  const range = rangeOf(objective, counts) ?? [estimate]
  const name = `${objective.metric}${classText(objective.classes)}`
  return `${name} ${range.map(write).join(' to ')}${interval} of ${events} events`
}

/** The estimates with each missing label at its worst and at its best; undefined if none is missing. */
function rangeOf(
  objective: Objective,
  { canaryAtBest: best, canaryAtWorst: worst }: ObjectiveCounts
): readonly number[] | undefined {
  if (best === undefined || worst === undefined || best.bad === worst.bad) return undefined
  const shares = [best, worst].map(({ events, bad }) => bad / events)
  const values = shares.map(share => inOwnUnit(objective, share))
  return limitWord(objective.metric) === 'max' ? values : values.reverse()
}

function figure({ metric }: Objective, value: number | null): string {
  if (value === null) return 'unknown'
  if (!isLatency(metric)) return String(Number(value.toPrecision(3)))
  return `${Number(value.toPrecision(3))} ms`
}

function tolerance({ metric, reference, isMarginGiven, margin }: Objective): string {
  if (reference.kind !== 'primary' || isMarginGiven) return 'the margin'
  if (metric === 'latency.p99') return 'twice the odds of being slow'
  const odds = '1.5 times the odds of a bad event'
  return isLatency(metric) ? odds : `${odds} or ${margin} of the events`
}

function worse({ metric, reference }: Objective): string {
  if (reference.kind === 'primary') return 'worse than'
  if (metric === 'bias') return 'further from 0 than'
  return limitWord(metric) === 'min' ? 'below' : 'above'
}

function bar(objective: Objective): string {
  const { reference } = objective
  if (reference.kind === 'primary') return 'the primary'
  const limit = inOwnUnit(objective, reference.badRatio)
  const shown =
    reference.thresholdMs === undefined
      ? String(Number(limit.toPrecision(6)))
      : `${reference.thresholdMs} ms`
  return reference.kind === 'baseline' ? `the baseline's ${shown}` : shown
}

function noData(objective: Objective, { labels, unusable }: ObjectiveCounts): string {
  if (unusable !== undefined) return unusable
  const predictions = labels?.canary.predictions ?? 0
  if (predictions === 0) return 'no data yet'
  return `no data yet: none of ${predictions} ${relevant(objective)} has a ${awaited(objective)}`
}

function missing(
  objective: Objective,
  judged: Judged,
  counts: ObjectiveCounts,
  levels: Levels
): string {
  const { labels, intervals, comparisonLacks } = counts
  if (labels?.isDifferent === true) {
    const { canary, primary } = labels
    return `${labelledShare(canary)} of the canary's ${relevant(objective)} have a label and ${labelledShare(primary)} of the primary's`
  }
  if (comparisonLacks !== undefined) return comparisonLacks
  if (intervals < levels.minIntervals) {
    return `${intervals} of ${levels.minIntervals} required intervals`
  }
  const { lnEFail, lnEPass, eventsToVerdict } = judged
  const evidence = `evidence ${share(lnEFail, failThreshold(levels.alpha, levels.alphaShare))} of the way to FAIL, ${share(lnEPass, passThreshold(levels.beta))} to PASS`
  return eventsToVerdict === null
    ? evidence
    : `${evidence}, about ${eventsToVerdict} more events needed`
}

function labelledShare({ labelled, predictions }: Labelled): string {
  return percent(labelled / Math.max(1, predictions))
}

function share(lnE: number | null, threshold: number): string {
  return percent(Math.min(1, Math.max(0, (lnE ?? 0) / threshold)))
}

function percent(value: number): string {
  return `${Math.round(value * 100)} %`
}
