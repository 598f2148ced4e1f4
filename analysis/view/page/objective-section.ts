import { failThreshold, passThreshold } from '../../statistics/budget.ts'
import { nameOf } from '../../judge/describe.ts'
import type { Analysis } from '../../settings/analysis.ts'
import type { Objective } from '../../settings/objective.ts'
import { limitWord } from '../../settings/metric.ts'
import type { HookRow, TracedObjective } from '../../store/store.ts'
import { evidenceChart } from './evidence-chart.ts'
import { elapsed, figure, interval } from './figures.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'
import { intervalChart } from './interval-chart.ts'
import { scrollingTable } from './table.ts'

/** One objective and how it came to what it is. */
export interface ObjectiveSection {
  readonly id: string
  readonly objective: Objective
  readonly analysis: Analysis
  readonly points: readonly (TracedObjective & { readonly atMs: number })[]
  /** Undefined where it is not judged any more. */
  readonly reason: string | undefined
  readonly startMs: number
  readonly endMs: number
  readonly hooks: readonly HookRow[]
}

const maxRows = 60

/** The charts of an objective with their numbers. */
export function objectiveSection(section: ObjectiveSection): Markup {
  const { id, objective, points, reason } = section
  const verdict = points.at(-1)?.verdict ?? 'no-data'
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${nameOf(objective)} ${limitText(objective)} ${badge(verdict)}</h2>
    <p class="muted">${reason ?? 'judged no more'}</p>
    <div class="charts">
      <figure>
        <h3>Evidence against both boundaries; dots are hook calls</h3>
        ${evidence(section)}
      </figure>
      <figure>
        <h3>Estimate with its interval</h3>
        ${estimates(section)}
      </figure>
    </div>
    ${numbers(section)}
  </section> `
}

/** A verdict as a word in its colour. */
export function badge(verdict: string): Markup {
  return html`<span class="badge ${verdict}">${verdict}</span>`
}

function limitText(objective: Objective): string {
  const limit = limitOf(objective)
  if (limit === undefined) return ''
  return `${limitWord(objective.metric) === 'min' ? '≥' : '≤'} ${figure(objective.metric, limit)}`
}

/** In the metric's own unit; undefined for a comparison. */
function limitOf({ metric, reference }: Objective): number | undefined {
  if (reference.kind !== 'limit') return undefined
  if (reference.thresholdMs !== undefined) return reference.thresholdMs
  return limitWord(metric) === 'max' ? reference.badRatio : 1 - reference.badRatio
}

function evidence({ id, analysis, points, startMs, endMs, hooks }: ObjectiveSection): Markup {
  const toFail = failThreshold(analysis.alpha, 1 / analysis.objectives.length)
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

function estimates({ id, objective, points, startMs, endMs }: ObjectiveSection): Markup {
  return intervalChart({
    id: `${id}-estimate`,
    metric: objective.metric,
    limit: limitOf(objective),
    startMs,
    endMs,
    points: points.flatMap(({ atMs, estimate, confidence }) =>
      estimate === null ? [] : [{ atMs, estimate, confidence }]
    )
  })
}

function numbers({ objective: { metric }, points, startMs }: ObjectiveSection): Markup {
  const rows = points.slice(-maxRows).map(
    ({ atMs, events, bad, estimate, confidence, lnEFail, lnEPass, verdict }) =>
      html`<tr>
        <td>${elapsed(atMs - startMs)}</td>
        <td class="number">${events}</td>
        <td class="number">${bad}</td>
        <td class="number">${figure(metric, estimate)}</td>
        <td class="number">${interval(metric, confidence)}</td>
        <td class="number">${two(lnEFail)}</td>
        <td class="number">${two(lnEPass)}</td>
        <td>${verdict}</td>
      </tr> `
  )
  const table = scrollingTable(
    [
      'after',
      { figures: 'events' },
      { figures: 'bad' },
      { figures: 'estimate' },
      { figures: 'interval' },
      { figures: 'ln E fail' },
      { figures: 'ln E pass' },
      'verdict'
    ],
    rows,
    html`What hooks were answered by, the last ${rows.length} of ${points.length} points`
  )
  return html`<details>
    <summary>The numbers</summary>
    ${table}
  </details> `
}

function two(value: number | null): string {
  return value === null ? '–' : value.toFixed(2)
}
