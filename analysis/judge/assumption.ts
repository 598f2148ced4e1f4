import { isLatency, isMean, needsLabels, scoreName } from '../settings/metric.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'

/**
 * Returns what must hold for the error probabilities of an objective to be right, in one sentence
 * (docs/statistics.md#assumptions).
 */
export function assumptionOf(
  objective: Objective,
  analysis: Pick<Analysis, 'source' | 'labels' | 'isDispersionCorrected'>,
  unit: 'event' | 'cluster' | 'pair' = 'event'
): string {
  const { metric, reference } = objective
  if (analysis.source === 'replay') {
    return ['the labelled set is a random sample of the traffic', ...aboutCap(objective)].join('; ')
  }
  const parts =
    reference.kind === 'primary'
      ? [aboutArms[unit]]
      : [unit === 'cluster' ? aboutClusters : givenThePast(metric)]
  if (analysis.source === 'events') parts.push(...aboutMissing(metric, analysis.labels))
  parts.push(...aboutCap(objective))
  if (analysis.isDispersionCorrected && unit !== 'cluster' && !isMean(metric) && metric !== 'auc')
    parts.push('bursts are corrected for approximately')
  return parts.join('; ')
}

function aboutMissing(metric: Objective['metric'], labels: Analysis['labels']): readonly string[] {
  if (metric === 'auc') return [aboutRanks[labels]]
  if (needsLabels(metric)) return [aboutLabels[labels]]
  return scoreName(metric) === undefined ? [] : [aboutScores[labels]]
}

function givenThePast(metric: Objective['metric']): string {
  const within = 'within the limit (FAIL) or beyond limit and margin (PASS)'
  if (metric === 'auc') {
    return 'given the blocks before it, the scores of a block do not depend on one another, and each pair of a positive and a negative is a draw; a cluster counts once'
  }
  if (isMean(metric)) return `given the events before it, each value is on average ${within}`
  return `given the events before it, each event is ${isLatency(metric) ? 'slow' : 'bad'} with a probability ${within}`
}

/** Returns what a verdict about errors says of those beyond the largest that counts; nothing for other metrics. */
export function aboutCap({ metric, errorCap }: Objective): readonly string[] {
  if (errorCap === undefined) return []
  return metric === 'mae'
    ? [`PASS is about errors cut at ${errorCap} (error-cap), FAIL holds for whole errors too`]
    : [`both verdicts are about errors cut at ${errorCap} to either side (error-cap)`]
}

const aboutArms = {
  event: 'each request is assigned to canary or primary at random, whoever sends it',
  cluster:
    'each cluster is assigned to canary or primary at random, and clusters do not depend on one another',
  pair: 'each request goes to both arms, and given the requests before it, neither arm alone is the likelier one to be wrong (FAIL), or the canary is by at least the margin (PASS)'
} as const

const aboutClusters =
  'given the clusters before it, the events of a cluster are bad within the limit (FAIL) or beyond limit and margin (PASS), on average'

const aboutLabels = {
  all: 'nothing is assumed about missing labels: they count as bad for PASS and as good for FAIL',
  sampled: 'whether a prediction is labelled does not depend on whether it is right'
} as const

const aboutRanks = {
  all: 'predictions without a label or a score leave it undecided',
  sampled: 'whether a prediction has a label and a score does not depend on either'
} as const

const aboutScores = {
  all: 'nothing is assumed about missing scores: they count as 0 for PASS and as 1 for FAIL',
  sampled: 'whether a prediction has a score does not depend on the score'
} as const
