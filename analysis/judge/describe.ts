import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { isQuantile, isSpeed, latencyName, limitWord, scoreName } from '../settings/metric.ts'
import { inOwnUnit, marginInOwnUnit } from '../settings/own-unit.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import { comparisonSentence } from './comparison-sentence.ts'
import { isByPairs } from './counts.ts'
import type { Labelled, ObjectiveCounts } from './counts.ts'
import { decidedBounds } from './decided-bounds.ts'
import { figureText, latencyText, metricName } from './metric-name.ts'
import { limitedSentence, shortNumber } from './sentence.ts'
import type { ObjectiveVerdict } from './verdict.ts'

type Judged = Omit<ObjectiveVerdict, 'reason'>
type Levels = Pick<Analysis, 'alpha' | 'beta' | 'minEvents' | 'minIntervals' | 'labels'> & {
  readonly alphaShare: number
}

/**
 * Returns one line without the verdict's name: `precision at least 0.93; limit 0.92 - margin 0.02; estimate 0.95 of
 * 1200 events`. What decided is said first, then what may be missing, then how the numbers are inexact.
 */
export function describeObjective(
  objective: Objective,
  judged: Judged,
  counts: ObjectiveCounts,
  levels: Levels
): string {
  if (judged.verdict === 'no-data') return `${nameOf(objective)}: ${noData(objective, counts)}`
  const parts = [
    objective.reference.kind === 'primary'
      ? comparisonSentence(objective, judged, rangeText(objective, judged, counts))
      : limited(objective, judged, counts, levels),
    judged.verdict === 'inconclusive' ? missing(objective, judged, counts, levels) : undefined,
    missingLabels(objective, counts, levels),
    clusters(counts),
    cut(objective, counts),
    pairs(counts),
    counts.note
  ]
  const text = parts.filter(part => part !== undefined).join('; ')
  return objective.isGuard ? `guard: ${text}` : text
}

function limited(
  objective: Objective,
  judged: Judged,
  counts: ObjectiveCounts,
  levels: Levels
): string {
  const { metric, reference, margin } = objective
  if (judged.verdict === 'no-data' || reference.kind === 'primary') return ''
  const { low, high } = decidedBounds(objective, counts, judged.verdict, levels)
  const named = reference.kind === 'baseline' ? { limitName: "the baseline's limit" } : {}
  const events = `${judged.events} ${isQuantile(metric) ? 'requests' : 'events'}`
  const estimate = `${rangeText(objective, judged, counts)} of ${events}`
  if (reference.thresholdMs !== undefined) {
    const quantile = judged.estimate === null ? '' : `, ${latencyText(metric, judged.estimate)}`
    return limitedSentence({
      ...named,
      verdict: judged.verdict,
      name: slowName(objective, reference),
      limitWord: 'max',
      bounds: { low, high },
      limit: reference.badRatio,
      margin,
      estimate: `${estimate}${quantile}`
    })
  }
  const ends = [low, high].map(share =>
    share === undefined ? undefined : inOwnUnit(objective, share)
  )
  const isFalling = inOwnUnit(objective, 0) > inOwnUnit(objective, 1)
  const [lower, upper] = isFalling ? ends.toReversed() : ends
  return limitedSentence({
    ...named,
    verdict: judged.verdict,
    name: `${metricName(metric)}${classText(objective.classes)}`,
    limitWord: metric === 'bias' ? 'both' : limitWord(metric),
    bounds: { low: lower, high: upper },
    limit: inOwnUnit(objective, reference.badRatio),
    margin: marginInOwnUnit(objective),
    estimate
  })
}

/** `share of requests slower than 100 ms`, `share of requests with ttft above 500 ms`. */
function slowName(
  { metric }: Objective,
  reference: Exclude<Objective['reference'], { kind: 'primary' }>
): string {
  const { leastPerSecond } = reference.kind === 'limit' ? reference : {}
  if (leastPerSecond !== undefined) {
    return `share of requests below ${leastPerSecond} tokens per second`
  }
  const name = latencyName(metric)
  const slow = name === undefined ? 'slower than' : `with ${name} above`
  return `share of requests ${slow} ${reference.thresholdMs ?? 0} ms`
}

/** `40 of 100 positive predictions have no label: bad for PASS, good for FAIL`. */
function missingLabels(
  objective: Objective,
  { labels, undecided }: ObjectiveCounts,
  levels: Pick<Analysis, 'labels'>
): string | undefined {
  if (labels === undefined || labels.isDifferent || undecided !== undefined) return undefined
  const { predictions, labelled } = labels.canary
  const missing = predictions - labelled
  if (missing <= 0) return undefined
  const text = `${missing} of ${predictions} ${relevant(objective)} have no ${awaited(objective)}`
  return levels.labels === 'sampled'
    ? `${text} and do not count`
    : `${text}: they count as bad for PASS and as good for FAIL`
}

function awaited({ metric }: Objective): string {
  if (metric === 'auc') return 'label or no score'
  if (isSpeed(metric)) return 'tokensPerSecond'
  const latency = latencyName(metric)
  if (latency !== undefined) return `${latency} latency`
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

function pairs(counts: ObjectiveCounts): string | undefined {
  const { pairs: found } = counts
  if (found === undefined || !isByPairs(counts)) return undefined
  const { onlyCanaryBad, onlyPrimaryBad } = found
  return `judged by the ${found.pairs} mirrored requests of closed blocks: only the canary was wrong in ${onlyCanaryBad}, only the primary in ${onlyPrimaryBad}`
}

function relevant({ metric }: Objective): string {
  return metric === 'precision' ? 'positive predictions' : 'predictions'
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

/** The estimate; from one to the other where missing labels or an edge leave it open: `0.8 to 0.95`. */
function rangeText(
  objective: Objective,
  { estimate, events, bad }: Judged,
  { canaryAtBest: best, canaryAtWorst: worst }: ObjectiveCounts
): string {
  const { reference } = objective
  const isOfShare = reference.kind !== 'primary' && reference.thresholdMs !== undefined
  const write = (share: number) => shortNumber(isOfShare ? share : inOwnUnit(objective, share))
  if (best !== undefined && worst !== undefined && best.bad !== worst.bad) {
    const ends = [best, worst].map(each => write(each.bad / each.events))
    const isRising = isOfShare || inOwnUnit(objective, 0) < inOwnUnit(objective, 1)
    return (isRising ? ends : ends.toReversed()).join(' to ')
  }
  if (isOfShare) return write(bad / events)
  return estimate === null ? 'unknown' : figureText(objective.metric, estimate)
}

function noData(objective: Objective, { labels, unusable }: ObjectiveCounts): string {
  if (unusable !== undefined) return unusable
  const predictions = labels?.canary.predictions ?? 0
  if (predictions === 0) return 'no data yet'
  if (objective.metric === 'auc') return noPair(labels)
  return `no data yet: none of ${predictions} ${relevant(objective)} has a ${awaited(objective)}`
}

function noPair(labels: ObjectiveCounts['labels']): string {
  const { labelled, predictions } = labels?.canary ?? { labelled: 0, predictions: 0 }
  return `no data yet: no closed block has a positive and a negative, of ${labelled} of ${predictions} predictions with a label and a score`
}

function missing(
  objective: Objective,
  judged: Judged,
  counts: ObjectiveCounts,
  levels: Levels
): string {
  const { labels, intervals, comparisonLacks, undecided } = counts
  if (undecided !== undefined) return undecided
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
