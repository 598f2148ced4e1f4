import { metricName } from '../judge/metric-name.ts'
import { limitedSentence, shortNumber } from '../judge/sentence.ts'
import type { LimitedFinding } from '../judge/sentence.ts'
import { boundsInOwnUnit, inOwnUnit, marginInOwnUnit } from '../settings/own-unit.ts'
import { isLatency, isMean, limitWord, quantileOf } from '../settings/metric.ts'
import type { Objective } from '../settings/objective.ts'
import { binomialInterval } from '../statistics/fixed/binomial-interval.ts'
import { effectiveCounts } from '../statistics/fixed/effective-counts.ts'
import { linearInterval } from '../statistics/fixed/linear-interval.ts'
import { meanInterval } from '../statistics/fixed/mean-interval.ts'
import type { Interval } from '../statistics/interval.ts'
import { decideByBounds } from './finding.ts'
import type { GateFinding, GateLevels } from './finding.ts'
import type { GateRow } from './gate-row.ts'
import { ratioInfluences } from './influences.ts'
import { tallyRows } from './tally.ts'
import type { GateRules, GateTally } from './tally.ts'

/** Judges one objective, of one class, against its limit or the baseline's. */
export function judgeLimit(
  objective: Objective,
  rows: readonly GateRow[],
  how: GateRules,
  levels: GateLevels
): GateFinding {
  const { reference, margin } = objective
  const worst = reference.kind === 'primary' ? 1 : reference.badRatio
  const tally = tallyRows(objective, rows, how)
  const { own, coverage } = tally
  const shown = { ...own, coverage, assumption: assumptionOf(objective, tally, how) }
  if (own.events === 0) {
    const sentence = `${metricName(objective.metric)}: no row counts for it`
    return { verdict: 'no-data', ...shown, estimate: null, confidence: null, sentence }
  }
  const { fail } = levels
  const failing = boundsOf(objective, { rows, tally, how }, { low: fail, high: fail })
  const passing = boundsOf(objective, { rows, tally, how }, { low: levels.pass, high: levels.pass })
  const isEnough = own.events >= levels.minEvents
  const verdict = decide(objective, { failing, passing }, { worst, margin }, isEnough)
  const bounds =
    verdict === 'pass'
      ? passing
      : verdict === 'fail'
        ? failing
        : undecided(objective, failing, passing)
  return {
    verdict,
    ...shown,
    estimate: estimateOf(objective, tally, rows),
    confidence: boundsInOwnUnit(objective, bounds),
    sentence: sentenceOf(objective, { verdict, bounds, tally, rows })
  }
}

interface File {
  readonly rows: readonly GateRow[]
  readonly tally: GateTally
  readonly how: GateRules
}

interface SideBounds {
  readonly failing: Interval
  readonly passing: Interval
}

/** A bias may be too large to either side, and has to be small enough to both. */
function decide(
  { metric }: Objective,
  { failing, passing }: SideBounds,
  limit: { readonly worst: number; readonly margin: number },
  isEnough: boolean
): 'pass' | 'fail' | 'inconclusive' {
  const above = decideByBounds({ low: failing.low, high: passing.high }, limit, isEnough)
  if (metric !== 'bias') return above
  const below = decideByBounds({ low: 1 - failing.high, high: 1 - passing.low }, limit, isEnough)
  if (above === 'fail' || below === 'fail') return 'fail'
  return above === 'pass' && below === 'pass' ? 'pass' : 'inconclusive'
}

function undecided({ metric }: Objective, failing: Interval, passing: Interval): Interval {
  return metric === 'bias' ? passing : { low: failing.low, high: passing.high }
}

/** Bounds of how bad the model is, each at the level of its side. */
function boundsOf(
  objective: Objective,
  { rows, tally, how }: File,
  levels: { readonly low: number; readonly high: number }
): Interval {
  const { clusters, best, worst } = tally
  if (clusters === undefined) {
    if (isMean(objective.metric)) {
      const missing = how.labels === 'all' ? tally.missing : 0
      return meanInterval({ values: tally.values, missing }, levels)
    }
    return {
      low: binomialInterval(best, levels).low,
      high: binomialInterval(worst, levels).high
    }
  }
  if (isMean(objective.metric)) return meanOfClusters(objective, rows, how, levels)
  const low = effectiveCounts(clusters.best, levels.low)
  const high = effectiveCounts(clusters.worst, levels.high)
  return { low: binomialInterval(low, levels).low, high: binomialInterval(high, levels).high }
}

function meanOfClusters(
  objective: Objective,
  rows: readonly GateRow[],
  how: GateRules,
  levels: { readonly low: number; readonly high: number }
): Interval {
  const { low, high } = linearInterval(ratioInfluences(objective, rows, how), levels)
  return { low: Math.max(0, low), high: Math.min(1, high) }
}

function estimateOf(
  objective: Objective,
  { own }: GateTally,
  rows: readonly GateRow[]
): number | null {
  const { metric } = objective
  if (!isLatency(metric)) return inOwnUnit(objective, own.bad / own.events)
  const latencies = rows
    .map(({ outcome }) => (outcome.isError ? Infinity : (outcome.latencyMs ?? Infinity)))
    .sort((a, b) => a - b)
  const found = latencies[Math.max(0, Math.ceil(quantileOf(metric) * latencies.length) - 1)]
  return found === undefined || !Number.isFinite(found) ? null : found
}

interface Seen {
  readonly verdict: 'pass' | 'fail' | 'inconclusive'
  readonly bounds: Interval
  readonly tally: GateTally
  readonly rows: readonly GateRow[]
}

function sentenceOf(objective: Objective, seen: Seen): string {
  const { tally } = seen
  const finding = isLatency(objective.metric)
    ? latencyFinding(objective, seen)
    : valueFinding(objective, seen)
  const named =
    objective.reference.kind === 'baseline'
      ? { ...finding, limitName: "the baseline's limit" }
      : finding
  const lost = tally.missing === 0 ? '' : `; ${tally.missing} labels are missing`
  return limitedSentence(named) + lost
}

/** A latency is judged by the share of slow requests, and shown as a latency too. */
function latencyFinding(
  objective: Objective,
  { verdict, bounds, tally, rows }: Seen
): LimitedFinding {
  const { metric, reference, margin } = objective
  const { events, bad } = tally.own
  const quantile = estimateOf(objective, tally, rows)
  const shown = quantile === null ? 'unknown' : `${shortNumber(quantile)} ms`
  const [thresholdMs, badRatio] =
    reference.kind === 'primary' ? [0, 0] : [reference.thresholdMs ?? 0, reference.badRatio]
  return {
    verdict,
    name: `share of requests slower than ${thresholdMs} ms`,
    limitWord: 'max',
    bounds,
    limit: badRatio,
    margin,
    estimate: `${shortNumber(bad / events)} of ${events} requests, ${metricName(metric)} ${shown}`
  }
}

function valueFinding(
  objective: Objective,
  { verdict, bounds, tally, rows }: Seen
): LimitedFinding {
  const { metric, reference, classes = [] } = objective
  const [low, high] = boundsInOwnUnit(objective, bounds)
  const ofClass = classes.map(each => ` of class ${JSON.stringify(each)}`).join('')
  return {
    verdict,
    name: `${metricName(metric)}${ofClass}`,
    limitWord: metric === 'bias' ? 'both' : limitWord(metric),
    bounds: { low, high },
    limit: inOwnUnit(objective, reference.kind === 'primary' ? 0 : reference.badRatio),
    margin: marginInOwnUnit(objective),
    estimate: `${shortNumber(estimateOf(objective, tally, rows) ?? 0)} of ${tally.own.events} events`
  }
}

function assumptionOf(
  { metric }: Objective,
  { clusters }: GateTally,
  { labels }: GateRules
): string {
  const parts = [
    clusters === undefined
      ? 'rows are independent of one another'
      : 'clusters are independent of one another'
  ]
  if (isLatency(metric) || metric === 'error-rate') return parts.join('; ')
  parts.push(
    labels === 'all'
      ? 'nothing is assumed about missing labels: they count as bad for PASS and as good for FAIL'
      : 'whether a prediction is labelled does not depend on whether it is right'
  )
  return parts.join('; ')
}
