import { countersOf } from '../counter/counter.ts'
import { directionsOf } from '../counter/bet.ts'
import { meanOf } from '../counter/mean.ts'
import type { Analysis } from '../settings/analysis.ts'
import { isLatency } from '../settings/metric.ts'
import { byClass } from '../settings/objective.ts'
import type { Objective } from '../settings/objective.ts'
import type { TallyRules } from './tally.ts'

/** Derives from the objectives how the items of a set count. */
export function tallyRules(analysis: Analysis, total: number): TallyRules {
  const { objectives, positive, tolerance, errorCap } = analysis
  const limits = objectives.flatMap(({ metric, classes, reference, margin }) =>
    reference.kind === 'primary' ? [] : [{ metric, classes, ...reference, margin }]
  )
  const precision = limits.find(({ metric, classes }) => metric === 'precision' && !classes)
  const least = precision === undefined ? 0 : Number((1 - precision.badRatio).toPrecision(12))
  return {
    positive,
    tolerance,
    errorCap,
    counters: objectives.flatMap(byClass).filter(isCountedApart).flatMap(countersOf),
    classes: [...new Set(objectives.flatMap(({ classes }) => classes ?? []))],
    means: limits.flatMap(({ metric, badRatio, margin }) => {
      const of = meanOf(metric)
      return of === undefined
        ? []
        : directionsOf(metric).map(direction => ({ of, direction, limit: badRatio, margin, total }))
    }),
    isRanked: limits.some(({ metric }) => metric === 'auc'),
    thresholdsMs: limits.flatMap(({ metric, thresholdMs }) =>
      isLatency(metric) && thresholdMs !== undefined ? [thresholdMs] : []
    ),
    precision:
      precision !== undefined && least - precision.margin > 0
        ? { least, margin: precision.margin, total }
        : undefined
  }
}

/** Whether a metric is not among those that every replay counts. */
function isCountedApart({ metric, classes }: Objective): boolean {
  return metric === 'f1' || meanOf(metric) !== undefined || classes !== undefined
}
