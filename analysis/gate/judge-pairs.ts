import { contributionOf } from '../counter/count-outcome.ts'
import { countersOf } from '../counter/counter.ts'
import type { Outcome } from '../counter/outcome.ts'
import { metricName } from '../judge/metric-name.ts'
import { shortNumber } from '../judge/sentence.ts'
import { limitWord, needsLabels } from '../settings/metric.ts'
import type { Objective } from '../settings/objective.ts'
import type { PairCounts } from '../statistics/comparison/pair-evidence.ts'
import { linearInterval } from '../statistics/fixed/linear-interval.ts'
import { mcNemar, pairedInterval } from '../statistics/fixed/paired-difference.ts'
import type { Interval } from '../statistics/interval.ts'
import type { GateFinding, GateLevels } from './finding.ts'
import type { GateRow } from './gate-row.ts'
import { badnessOf, byCluster } from './influences.ts'
import type { GateRules } from './tally.ts'

/** The rows of both models, in the same order. */
export interface PairedRows {
  readonly canary: readonly GateRow[]
  readonly primary: readonly GateRow[]
}

/** The difference of how bad both models are, the canary's less the primary's, at the levels of FAIL and PASS. */
interface Difference extends Interval {
  readonly isWorse: boolean
  readonly events: number
  readonly method: string
}

/** Compares two models on one set of rows, row by row. */
export function judgePairs(
  objective: Objective,
  rows: PairedRows,
  how: GateRules,
  levels: GateLevels
): GateFinding {
  const { metric, margin } = objective
  const own = [rows.canary, rows.primary].map(each => badnessOf(objective, each, how))
  const [canary, primary] = own.map(({ estimate }) => good(objective, estimate))
  const unlabelled = rows.canary.filter(({ outcome }) => outcome.label === undefined).length
  const missing = needsLabels(metric) ? unlabelled : 0
  const difference = differenceOf(objective, rows, how, levels)
  const [events = 0, otherEvents = 0] = own.map(each => each.events)
  const shared = {
    events,
    bad: badEvents(own[0]),
    coverage: needsLabels(metric) ? 1 - unlabelled / rows.canary.length : null,
    primary: { events: otherEvents, bad: badEvents(own[1]), estimate: known(primary) },
    assumption: `rows are independent of one another; ${difference.method}`
  }
  const name = metricName(metric)
  if (difference.events === 0) {
    const sentence = `${name}: no row counts for both models`
    return { verdict: 'no-data', ...shared, estimate: null, confidence: null, sentence }
  }
  const seen = `${name} ${shortNumber(canary ?? Number.NaN)}, the other model's ${shortNumber(primary ?? Number.NaN)}, of ${difference.events} pairs`
  if (missing > 0 && how.labels === 'all') {
    const sentence = `${seen}: ${missing} of ${rows.canary.length} rows have no label; labels=sampled judges the others`
    return {
      verdict: 'inconclusive',
      ...shared,
      estimate: known(canary),
      confidence: null,
      sentence
    }
  }
  const verdict = decide(difference, margin, levels)
  const sentence = `${name} ${distanceText(verdict, difference, limitWord(metric))} the other model's; margin ${margin}; ${seen}`
  return { verdict, ...shared, estimate: known(canary), confidence: null, sentence }
}

function decide(
  { isWorse, events, high }: Difference,
  margin: number,
  { minEvents }: GateLevels
): 'pass' | 'fail' | 'inconclusive' {
  if (isWorse) return events >= minEvents ? 'fail' : 'inconclusive'
  return high < margin ? 'pass' : 'inconclusive'
}

function distanceText(
  verdict: 'pass' | 'fail' | 'inconclusive',
  { low, high }: Interval,
  word: 'min' | 'max'
): string {
  const worse = word === 'min' ? 'below' : 'above'
  const better = word === 'min' ? 'above' : 'below'
  if (verdict === 'fail') return `at least ${shortNumber(Math.max(0, low))} ${worse}`
  if (verdict === 'pass') {
    return high > 0
      ? `at most ${shortNumber(high)} ${worse}`
      : `at least ${shortNumber(-high)} ${better}`
  }
  return `between ${shortNumber(-low)} ${better} and ${shortNumber(high)} ${worse}`
}

function differenceOf(
  objective: Objective,
  rows: PairedRows,
  how: GateRules,
  { fail, pass }: GateLevels
): Difference {
  const isClustered = rows.canary.some(({ cluster }) => cluster !== undefined)
  const levels = { low: fail, high: pass }
  if (!isClustered && isPairwise(objective)) {
    const counts = countPairs(objective, rows, how)
    const interval = pairedInterval(counts, levels)
    return {
      ...interval,
      isWorse: interval.low > 0 && mcNemar(counts) <= fail,
      events: counts.pairs,
      method: "FAIL is the exact test of McNemar, PASS Tango's score interval"
    }
  }
  const [canary, primary] = [rows.canary, rows.primary].map(each => badnessOf(objective, each, how))
  if (canary === undefined || primary === undefined) throw new TypeError('two models are compared')
  const influences = canary.influences.map((each, at) => each - (primary.influences[at] ?? 0))
  const figure = byCluster(rows.canary, {
    estimate: canary.estimate - primary.estimate,
    influences,
    events: Math.min(canary.events, primary.events)
  })
  const interval = linearInterval(figure, levels)
  return {
    ...interval,
    isWorse: interval.low > 0,
    events: figure.events,
    method: 'rows are many enough: the interval of the difference is approximate'
  }
}

/** Whether the same rows count for both models. */
function isPairwise({ metric }: Objective): boolean {
  return metric === 'accuracy' || metric === 'recall' || metric === 'error-rate'
}

function countPairs(
  objective: Objective,
  { canary, primary }: PairedRows,
  { rules }: GateRules
): PairCounts {
  const own = countersOf(objective).at(-1)
  const counts = { pairs: 0, onlyCanaryBad: 0, onlyPrimaryBad: 0 }
  const isBad = (outcome: Outcome) =>
    outcome.isError || (own !== undefined && contributionOf(own, outcome, rules) === 1)
  for (const [at, { outcome }] of canary.entries()) {
    const other = primary[at]?.outcome
    if (other === undefined || !isCounted(objective, outcome, rules.positive)) continue
    counts.pairs += 1
    const [canaryBad, primaryBad] = [isBad(outcome), isBad(other)]
    if (canaryBad && !primaryBad) counts.onlyCanaryBad += 1
    if (primaryBad && !canaryBad) counts.onlyPrimaryBad += 1
  }
  return counts
}

function isCounted({ metric }: Objective, { label }: Outcome, positive: string): boolean {
  if (metric === 'error-rate') return true
  return metric === 'recall' ? label === positive : label !== undefined
}

function good({ metric }: Objective, badness: number): number {
  return limitWord(metric) === 'min' ? 1 - badness : badness
}

function badEvents(
  figure: { readonly estimate: number; readonly events: number } | undefined
): number {
  const bad = Math.round((figure?.estimate ?? 0) * (figure?.events ?? 0))
  return Number.isFinite(bad) ? bad : 0
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
