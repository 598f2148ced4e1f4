import { isLatency, needsLabels } from '../settings/metric.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'

/**
 * Returns what must hold for the error probabilities of an objective to be right, in one sentence
 * (docs/statistics.md#assumptions).
 */
export function assumptionOf(
  objective: Objective,
  analysis: Pick<Analysis, 'source' | 'labels' | 'isDispersionCorrected'>,
  isClustered = false
): string {
  const { metric, reference } = objective
  if (analysis.source === 'replay') return 'the labelled set is a random sample of the traffic'
  const parts = [
    reference.kind === 'primary'
      ? isClustered
        ? 'each cluster is assigned to canary or primary at random, and clusters do not depend on one another'
        : 'each request is assigned to canary or primary at random, whoever sends it'
      : isClustered
        ? 'given the clusters before it, the events of a cluster are bad within the limit (FAIL) or beyond limit and margin (PASS), on average'
        : `given the events before it, each event is ${isLatency(metric) ? 'slow' : 'bad'} with a probability within the limit (FAIL) or beyond limit and margin (PASS)`
  ]
  if (needsLabels(metric) && analysis.source === 'events') parts.push(aboutLabels[analysis.labels])
  if (analysis.isDispersionCorrected && !isClustered)
    parts.push('bursts are corrected for approximately')
  return parts.join('; ')
}

const aboutLabels = {
  all: 'nothing is assumed about missing labels: they count as bad for PASS and as good for FAIL',
  sampled: 'whether a prediction is labelled does not depend on whether it is right'
} as const
