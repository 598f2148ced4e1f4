import type { Answer } from '../../../service/http/answer.ts'
import { tracedObjective } from '../../hook/trace-verdict.ts'
import { worstVerdict } from '../../judge/verdict.ts'
import { namesOf } from '../../settings/names.ts'
import type { HookRow, TracePoint } from '../../store/store.ts'
import type { AnalysisReport, RunReport } from '../report.ts'
import { callKind } from './evidence-chart.ts'
import { clock, elapsed } from './figures.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'
import { pageAnswer } from './layout.ts'
import { badge, objectiveSection } from './objective-section.ts'
import { scrollingTable } from './table.ts'

/** The address of a rollout's page. */
export function pagePath({ namespace, name }: RunReport['name']): string {
  return `/rollouts/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`
}

/** The page of one run of a rollout. */
export function rolloutPage(report: RunReport, nowMs: number): Answer {
  const { name, run, analyses, hooks } = report
  const endMs = Math.max(run.endedMs ?? nowMs, run.startedMs + 1)
  const title = `${name.namespace}/${name.name}`
  const sections = analyses.flatMap((each, at) => {
    const points = withNow(each, endMs)
    return each.analysis.objectives.map((objective, index) =>
      objectiveSection({
        id: `objective-${at}-${index}`,
        objective,
        analysis: each.analysis,
        points: points.flatMap(({ atMs, objectives }) => {
          const own = objectives[index]
          return own === undefined ? [] : [{ atMs, ...own }]
        }),
        reason: each.verdict?.objectives[index]?.reason,
        startMs: run.startedMs,
        endMs,
        hooks
      })
    )
  })
  const body = html`${head(report, nowMs)}${sections}${calls(hooks, run.startedMs)}${runs(report)}`
  return pageAnswer(200, `${title} – mlgitops`, body)
}

/** Points as they were, and the verdict as it is. */
function withNow({ points, verdict }: AnalysisReport, endMs: number): readonly TracePoint[] {
  if (verdict === undefined || verdict.objectives.length === 0) return points
  const objectives = verdict.objectives.map(tracedObjective)
  return [...points, { atMs: endMs, verdict: verdict.verdict, objectives }]
}

function head({ name, run, analyses, occurrences }: RunReport, nowMs: number): Markup {
  const judged = analyses.flatMap(({ verdict }) => verdict ?? [])
  const last = analyses.flatMap(({ points }) => points.at(-1)?.verdict ?? [])
  const worst = worstVerdict(judged)
  const { model, commit } = namesOf(analyses.map(({ analysis }) => analysis))
  const counted = [...occurrences]
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
  return html`<h1>
      ${name.namespace}/${name.name} ${badge(worst?.verdict ?? last[0] ?? 'no-data')}
    </h1>
    <p>${worst?.reason ?? analyses[0]?.failed ?? ''}</p>
    <ul class="facts">
      <li>model <b>${model ?? name.name}</b></li>
      <li>commit <b>${commit ?? 'not said'}</b></li>
      <li>
        run <b>${run.number}</b>, checksum
        <code>${run.checksum === '' ? 'none' : run.checksum}</code>
      </li>
      <li>started <b>${clock(run.startedMs)}</b></li>
      <li>${ending(run, nowMs)}</li>
      ${counted.length === 0 ? '' : html`<li>events: ${counted.join(', ')}</li>`}
    </ul> `
}

function ending({ endedMs, endedPhase, startedMs }: RunReport['run'], nowMs: number): Markup {
  if (endedMs === null) return html`goes on, for <b>${elapsed(nowMs - startedMs)}</b>`
  return html`ended <b>${endedPhase ?? 'without a word'}</b> after
    <b>${elapsed(endedMs - startedMs)}</b>`
}

function calls(hooks: readonly HookRow[], startMs: number): Markup {
  const rows = hooks.map(
    hook =>
      html`<tr>
        <td>${elapsed(Math.max(0, hook.atMs - startMs))}</td>
        <td>${hook.type}</td>
        <td><span class="badge ${tone(hook)}">${hook.status}</span></td>
        <td class="said">${hook.text}</td>
      </tr> `
  )
  const table = scrollingTable(
    ['after', 'hook', 'answer', 'text'],
    rows,
    html`The last ${hooks.length} calls, the newest first. A rollback hook is answered 404 unless
    the canary has failed.`
  )
  return html`<section aria-labelledby="calls">
    <h2 id="calls">Hook calls</h2>
    ${table}
  </section> `
}

function tone(hook: HookRow): string {
  const tones = { opened: 'pass', held: 'inconclusive', failed: 'fail', told: 'no-data' } as const
  return tones[callKind(hook)]
}

function runs({ name, run: shown, runs: all }: RunReport): Markup {
  if (all.length < 2) return html``
  const rows = all.map(
    run =>
      html`<tr>
        <td>
          ${run.number === shown.number ? `run ${run.number}` : html`<a href="${pagePath(name)}?run=${run.number}">run ${run.number}</a>`}
        </td>
        <td>${clock(run.startedMs)}</td>
        <td>${run.endedMs === null ? 'goes on' : (run.endedPhase ?? 'superseded')}</td>
        <td><code>${run.checksum === '' ? 'none' : run.checksum}</code></td>
      </tr> `
  )
  const table = scrollingTable(['run', 'started', 'ended', 'checksum'], rows)
  return html`<section aria-labelledby="runs">
    <h2 id="runs">Runs</h2>
    ${table}
  </section> `
}
