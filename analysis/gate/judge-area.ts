import { limitedSentence, shortNumber } from '../judge/sentence.ts'
import type { Objective } from '../settings/objective.ts'
import { linearInterval } from '../statistics/fixed/linear-interval.ts'
import { decideByBounds } from './finding.ts'
import type { GateFinding, GateLevels } from './finding.ts'
import type { GateRow } from './gate-row.ts'
import { badnessOf, byCluster } from './influences.ts'
import type { GateRules } from './tally.ts'

/** Judges the area under the ROC curve against its limit or the baseline's. */
export function judgeArea(
  objective: Objective,
  rows: readonly GateRow[],
  how: GateRules,
  levels: GateLevels
): GateFinding {
  const { reference, margin } = objective
  const worst = reference.kind === 'primary' ? 1 : reference.badRatio
  const labelled = rows.filter(({ outcome }) => outcome.label !== undefined)
  const figure = byCluster(rows, badnessOf(objective, rows, how))
  const events = figure.events
  const shared = {
    events,
    bad: events === 0 ? 0 : figure.estimate * events,
    coverage: rows.length === 0 ? null : labelled.length / rows.length,
    assumption:
      'rows are independent of one another, and many enough: the interval is that of DeLong, which is approximate'
  }
  if (events === 0) {
    const sentence = 'AUC: no row with a score and each of the two labels'
    return { verdict: 'no-data', ...shared, estimate: null, confidence: null, sentence }
  }
  const estimate = 1 - figure.estimate
  const missing = rows.length - labelled.length
  if (missing > 0 && how.labels === 'all') {
    const sentence = `AUC ${shortNumber(estimate)} is undecided: ${missing} of ${rows.length} rows have no label; labels=sampled judges the others`
    return { verdict: 'inconclusive', ...shared, estimate, confidence: null, sentence }
  }
  const found = linearInterval(figure, { low: levels.fail, high: levels.pass })
  const bad = { low: Math.max(0, found.low), high: Math.min(1, found.high) }
  const verdict = decideByBounds(bad, { worst, margin }, events >= levels.minEvents)
  const bounds = { low: 1 - bad.high, high: 1 - bad.low }
  const sentence = limitedSentence({
    verdict,
    name: 'AUC',
    limitWord: 'min',
    bounds,
    limit: 1 - worst,
    margin,
    ...(reference.kind === 'baseline' ? { limitName: "the baseline's limit" } : {}),
    estimate: `${shortNumber(estimate)} of ${events} events of the rarer label`
  })
  return { verdict, ...shared, estimate, confidence: [bounds.low, bounds.high], sentence }
}
