import { isLatency, needsLabels } from '../settings/metric.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'

/**
 * Returns what must hold for the error probabilities of an objective to be right, in one sentence
 * (docs/statistics.md#assumptions).
 */
export function assumptionOf(
  objective: Objective,
  analysis: Pick<Analysis, 'source' | 'labels' | 'isDispersionCorrected'>
): string {
  const { metric, reference } = objective
  if (analysis.source === 'replay') return 'the labelled set is a random sample of the traffic'
  const parts = [
    reference.kind === 'primary'
      ? 'each request is assigned to canary or primary at random, whoever sends it'
      : `given the events before it, each event is ${isLatency(metric) ? 'slow' : 'bad'} with a probability within the limit (FAIL) or beyond limit and margin (PASS)`
  ]
  if (needsLabels(metric) && analysis.source === 'events') parts.push(aboutLabels[analysis.labels])
  if (analysis.isDispersionCorrected) parts.push('bursts are corrected for approximately')
  return parts.join('; ')
}

const aboutLabels = {
  all: 'nothing is assumed about missing labels: they count as bad for PASS and as good for FAIL',
  sampled: 'whether a prediction is labelled does not depend on whether it is right'
} as const
