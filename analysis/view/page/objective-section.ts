import { failThreshold, passThreshold } from '../../statistics/budget.ts'
import type { TracedObjective } from '../../judge/traced-objective.ts'
import { alphaShare } from '../../judge/alpha-share.ts'
import { nameOf } from '../../judge/describe.ts'
import type { Analysis } from '../../settings/analysis.ts'
import type { Objective } from '../../settings/objective.ts'
import { limitWord } from '../../settings/metric.ts'
import { inOwnUnit } from '../../settings/own-unit.ts'
import type { HookRow } from '../../store/store.ts'
import { evidenceChart } from './evidence-chart.ts'
import type { EvidenceChart } from './evidence-chart.ts'
import { elapsed, figure, interval, unitText } from './figures.ts'
import { intervalChart } from './interval-chart.ts'
import type { IntervalChart } from './interval-chart.ts'

/** One objective and the history of its evidence. */
export interface ObjectiveHistory {
  readonly id: string
  readonly objective: Objective
  readonly analysis: Analysis
  readonly points: readonly (TracedObjective & { readonly atMs: number })[]
  /** Undefined if the objective is no longer judged. */
  readonly reason: string | undefined
  readonly startMs: number
  readonly endMs: number
  readonly hooks: readonly HookRow[]
}

/** What objective-section.hbs shows. */
export interface ObjectiveSection {
  readonly id: string
  readonly name: string
  /** `≥ 0.92`; empty for a comparison. */
  readonly limit: string
  readonly verdict: string
  readonly critical: boolean
  readonly reason: string
  /** Of the estimates: `in milliseconds`. */
  readonly unit: string
  readonly isComparison: boolean
  readonly evidence: EvidenceChart
  readonly estimates: IntervalChart
  readonly numbers: readonly NumbersRow[]
  /** All points, including those that are not shown. */
  readonly allPoints: number
}

interface NumbersRow {
  readonly after: string
  readonly events: number
  readonly bad: number
  readonly estimate: string
  readonly interval: string
  readonly lnEFail: string
  readonly lnEPass: string
  readonly verdict: string
  /** Of the primary, for a comparison. */
  readonly primary: PrimaryNumbers
}

interface PrimaryNumbers {
  readonly events: string
  readonly bad: string
  readonly estimate: string
}

const maxRows = 60

/** Returns the section of an objective: its charts and their numbers. */
export function objectiveSection(history: ObjectiveHistory): ObjectiveSection {
  const { id, objective, points, reason } = history
  return {
    id,
    name: objective.isGuard ? `guard: ${nameOf(objective)}` : nameOf(objective),
    limit: limitText(objective),
    verdict: points.at(-1)?.verdict ?? 'no-data',
    critical: objective.critical,
    reason: reason ?? 'no longer judged',
    unit: unitText(objective.metric),
    isComparison: objective.reference.kind === 'primary',
    evidence: evidence(history),
    estimates: estimates(history),
    numbers: points.slice(-maxRows).map(point => numbers(point, history)),
    allPoints: points.length
  }
}

function limitText(objective: Objective): string {
  const limit = limitOf(objective)
  if (limit === undefined) return ''
  return `${limitWord(objective.metric) === 'min' ? '≥' : '≤'} ${figure(objective.metric, limit)}`
}

/** In the metric's own unit; undefined for a comparison. */
function limitOf(objective: Objective): number | undefined {
  const { reference } = objective
  if (reference.kind !== 'limit') return undefined
  if (reference.leastPerSecond !== undefined) return reference.leastPerSecond
  if (reference.thresholdMs !== undefined) return reference.thresholdMs
  return inOwnUnit(objective, reference.badRatio)
}

function evidence(history: ObjectiveHistory): EvidenceChart {
  const { id, analysis, points, startMs, endMs, hooks } = history
  const toFail = failThreshold(analysis.alpha, alphaShare(analysis, history.objective))
  const toPass = passThreshold(analysis.beta)
  return evidenceChart({
    id: `${id}-evidence`,
    startMs,
    endMs,
    hooks,
    points: points.flatMap(({ atMs, lnEFail, lnEPass }) =>
      lnEFail === null || lnEPass === null
        ? []
        : [{ atMs, toFail: lnEFail / toFail, toPass: lnEPass / toPass }]
    )
  })
}

function estimates({ id, objective, points, startMs, endMs }: ObjectiveHistory): IntervalChart {
  return intervalChart({
    id: `${id}-estimate`,
    metric: objective.metric,
    limit: limitOf(objective),
    startMs,
    endMs,
    points: points.flatMap(({ atMs, estimate, confidence, primary }) =>
      estimate === null
        ? []
        : [{ atMs, estimate, confidence, primary: primary?.estimate ?? undefined }]
    )
  })
}

function numbers(
  point: ObjectiveHistory['points'][number],
  { objective: { metric }, startMs }: ObjectiveHistory
): NumbersRow {
  const { atMs, events, bad, estimate, confidence, lnEFail, lnEPass, verdict, primary } = point
  return {
    after: elapsed(atMs - startMs),
    events,
    bad,
    estimate: figure(metric, estimate),
    interval: interval(metric, confidence),
    lnEFail: twoDecimals(lnEFail),
    lnEPass: twoDecimals(lnEPass),
    verdict,
    primary: {
      events: String(primary?.events ?? '–'),
      bad: String(primary?.bad ?? '–'),
      estimate: figure(metric, primary?.estimate ?? null)
    }
  }
}

function twoDecimals(value: number | null): string {
  return value === null ? '–' : value.toFixed(2)
}
