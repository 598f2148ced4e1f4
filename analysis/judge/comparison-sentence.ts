import { isLatency, limitWord } from '../settings/metric.ts'
import type { Objective } from '../settings/objective.ts'
import { figureText, metricName } from './metric-name.ts'
import type { ObjectiveVerdict } from './verdict.ts'

type Compared = Pick<ObjectiveVerdict, 'verdict' | 'events' | 'primary' | 'pairs'>

/**
 * Says both sides of a comparison and what is proved: `error rate 0.004 of 500 events, the primary's 0.005 of 2000:
 * at most 1.5 times the primary's odds of a bad event, or 0.01 of the events more`.
 *
 * @param estimate the canary's, in words
 */
export function comparisonSentence(
  objective: Objective,
  { verdict, events, primary, pairs }: Compared,
  estimate: string
): string {
  const { metric } = objective
  const what = isLatency(metric) ? 'requests' : 'events'
  const other =
    primary?.estimate == null
      ? `of ${primary?.events ?? 0}`
      : `${figureText(metric, primary.estimate)} of ${primary.events}`
  const sides = `${metricName(metric)} ${estimate} of ${events} ${what}, the primary's ${other}`
  switch (verdict) {
    case 'pass':
      return `${sides}: at most ${tolerance(objective, pairs !== undefined)}`
    case 'fail':
      return `${sides}: ${limitWord(metric) === 'min' ? 'below' : 'above'} the primary's`
    case 'inconclusive':
    case 'no-data':
      return `${sides}: undecided against it`
  }
}

function tolerance({ metric, isMarginGiven, margin }: Objective, isByPairs: boolean): string {
  if (isByPairs) return `${margin} of the mirrored requests worse`
  if (isMarginGiven) return `${margin} of the ${isLatency(metric) ? 'requests' : 'events'} worse`
  if (metric === 'latency.p99') return "twice the primary's odds of a slow request"
  if (isLatency(metric)) return "1.5 times the primary's odds of a slow request"
  return `1.5 times the primary's odds of a bad event, or ${margin} of the events more`
}
