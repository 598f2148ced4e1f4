import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { isLatency, limitWord, quantileOf } from '../settings/metric.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import { divideCounts } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import { histogramQuantile } from '../statistics/latency/log-histogram.ts'
import { quantileInterval } from '../statistics/latency/quantile-interval.ts'
import { rateEvidence, rateTest } from '../statistics/rate/rate-evidence.ts'
import { rateInterval } from '../statistics/rate/rate-interval.ts'
import { eventsToVerdict } from '../statistics/rate/samples-to-verdict.ts'
import type { ObjectiveCounts } from './counts.ts'
import { describeObjective } from './describe.ts'
import type { ObjectiveVerdict, Verdict } from './verdict.ts'

type Levels = Pick<Analysis, 'alpha' | 'beta' | 'minEvents' | 'minIntervals'>

/**
 * Judges one of several objectives that share `alpha` equally. A verdict may be computed at any time and
 * any number of times: its error rates hold over all of them (docs/statistics.md#e-processes).
 */
export function judgeObjective(
  objective: Objective,
  counts: ObjectiveCounts,
  levels: Levels & { readonly objectives: number }
): ObjectiveVerdict {
  const evidence = evidenceOf(objective, counts)
  const verdict = decide(evidence, counts, levels)
  const { events, bad } = counts.canary
  const hasEvents = events > 0
  const isDecided = verdict === 'pass' || verdict === 'fail'
  const judged: Omit<ObjectiveVerdict, 'reason'> = {
    metric: objective.metric,
    ...(objective.reference.kind === 'limit' ? {} : { versus: objective.reference.kind }),
    verdict,
    events,
    bad,
    estimate: hasEvents ? estimateOf(objective, counts) : null,
    confidence: hasEvents ? confidenceOf(objective, counts, levels.alpha) : null,
    lnEFail: hasEvents && evidence !== undefined ? evidence.lnEFail : null,
    lnEPass: hasEvents && evidence !== undefined ? evidence.lnEPass : null,
    eventsToVerdict: isDecided ? null : missingEvents(objective, counts, levels),
    critical: objective.critical
  }
  return { ...judged, reason: describeObjective(objective, judged, counts, levels) }
}

function evidenceOf(
  { reference, margin }: Objective,
  counts: ObjectiveCounts
): Evidence | undefined {
  if (reference.kind === 'primary') return counts.comparison
  const test = rateTest({ limit: reference.badRatio, margin })
  const { lnEFail, lnEPass } = rateEvidence(test, divideCounts(counts.canary, counts.dispersion))
  if (counts.canaryAtWorst === undefined) return { lnEFail, lnEPass }
  const worst = rateEvidence(test, divideCounts(counts.canaryAtWorst, counts.dispersion))
  return { lnEFail, lnEPass: worst.lnEPass }
}

/** If both are proved, FAIL wins (docs/statistics.md#when-a-verdict-is-given). */
function decide(
  evidence: Evidence | undefined,
  { canary, intervals, coverage }: ObjectiveCounts,
  { alpha, beta, minEvents, minIntervals, objectives }: Levels & { readonly objectives: number }
): Verdict {
  if (canary.events === 0) return 'no-data'
  if (evidence === undefined || intervals < minIntervals) return 'inconclusive'
  if (coverage?.kind === 'too-low' || coverage?.kind === 'arms-differ') return 'inconclusive'
  const isFailProved = evidence.lnEFail >= failThreshold(alpha, 1 / objectives)
  if (isFailProved && canary.events >= minEvents) return 'fail'
  return evidence.lnEPass >= passThreshold(beta) && !isFailProved ? 'pass' : 'inconclusive'
}

function estimateOf({ metric }: Objective, { canary, latencies }: ObjectiveCounts): number | null {
  if (isLatency(metric)) {
    return latencies === undefined ? null : finite(histogramQuantile(latencies, quantileOf[metric]))
  }
  const badRatio = canary.bad / canary.events
  return limitWord(metric) === 'max' ? badRatio : 1 - badRatio
}

function confidenceOf(
  { metric }: Objective,
  { canary, latencies }: ObjectiveCounts,
  alpha: number
): readonly [number | null, number | null] | null {
  if (isLatency(metric)) {
    if (latencies === undefined || latencies.length === 0) return null
    const { low, high } = quantileInterval(latencies, quantileOf[metric], alpha)
    return [finite(low), finite(high)]
  }
  const { low, high } = rateInterval(canary, alpha)
  return limitWord(metric) === 'max' ? [low, high] : [1 - high, 1 - low]
}

function missingEvents(
  { reference, margin }: Objective,
  { canary, canaryAtWorst }: ObjectiveCounts,
  { alpha, beta, objectives }: Levels & { readonly objectives: number }
): number | null {
  if (reference.kind === 'primary') return null
  // More events cannot decide what lies between two edges of a histogram.
  if (canaryAtWorst !== undefined && canaryAtWorst.bad !== canary.bad) return null
  const limit = { limit: reference.badRatio, margin }
  const total = eventsToVerdict(canary, limit, { alpha: alpha / objectives, beta })
  return total === null ? null : Math.max(1, Math.ceil(total - canary.events))
}

function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value
}
