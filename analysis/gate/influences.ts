import { contributionOf } from '../counter/count-outcome.ts'
import { countersOf } from '../counter/counter.ts'
import { f1OfBadRatio } from '../settings/f1.ts'
import type { Objective } from '../settings/objective.ts'
import { areaUnderCurve } from '../statistics/fixed/area-under-curve.ts'
import type { LinearFigure } from '../statistics/fixed/linear-interval.ts'
import type { GateRow } from './gate-row.ts'
import type { GateRules } from './tally.ts'

/** Nothing is known. */
const noFigure: LinearFigure = { estimate: Number.NaN, influences: [], events: 0 }

/** Returns the mean of what an objective counts as bad, with the influence of each row. */
export function ratioInfluences(
  objective: Objective,
  rows: readonly GateRow[],
  { rules }: Pick<GateRules, 'rules'>
): LinearFigure {
  return byCluster(rows, rowRatio(objective, rows, rules))
}

/**
 * Returns how bad a model is by a metric, with the influence of each row: of F1 and AUC what they lack to 1. A row
 * without a prediction is wrong.
 */
export function badnessOf(
  objective: Objective,
  rows: readonly GateRow[],
  { rules }: Pick<GateRules, 'rules'>
): LinearFigure {
  if (objective.metric === 'auc') return curveOf(rows, rules.positive)
  const figure = rowRatio(objective, rows, rules)
  if (objective.metric !== 'f1') return figure
  const slope = 2 / (2 - figure.estimate) ** 2
  return {
    ...figure,
    estimate: 1 - f1OfBadRatio(figure.estimate),
    influences: figure.influences.map(each => each * slope)
  }
}

function rowRatio(
  objective: Objective,
  rows: readonly GateRow[],
  rules: GateRules['rules']
): LinearFigure {
  const own = countersOf(objective).at(-1)
  if (own === undefined) return noFigure
  const amounts = rows.map(({ outcome }) => contributionOf(own, outcome, rules))
  const counted = amounts.filter(amount => amount !== undefined)
  const events = counted.length
  const estimate = counted.reduce((sum, amount) => sum + amount, 0) / events
  const influences = amounts.map(amount =>
    amount === undefined ? 0 : (amount - estimate) / events
  )
  return { estimate, influences, events }
}

/** The labelled rows with a score; the others do not move the area. */
function curveOf(rows: readonly GateRow[], positive: string): LinearFigure {
  const known = rows.flatMap(({ outcome }, at) => {
    const score = outcome.measures?.score
    return score === undefined || outcome.label === undefined
      ? []
      : [{ at, score, isPositive: outcome.label === positive }]
  })
  const curve = areaUnderCurve(known)
  if (curve === undefined) return noFigure
  const influences = rows.map(() => 0)
  for (const [index, { at }] of known.entries()) influences[at] = -(curve.influences[index] ?? 0)
  const events = Math.min(curve.positives, curve.negatives)
  return { estimate: 1 - curve.area, influences, events }
}

/** Adds up the influences of rows that depend on one another; a cluster is then one independent event. */
export function byCluster(rows: readonly GateRow[], figure: LinearFigure): LinearFigure {
  if (rows.every(({ cluster }) => cluster === undefined)) return figure
  const sums = new Map<string, number>()
  for (const [at, influence] of figure.influences.entries()) {
    const key = rows[at]?.cluster ?? ''
    sums.set(key, (sums.get(key) ?? 0) + influence)
  }
  return {
    ...figure,
    influences: [...sums.values()],
    events: Math.min(figure.events, sums.size)
  }
}
