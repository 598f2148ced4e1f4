import type { Answer } from '../../../service/http/answer.ts'
import type { RolloutSummary } from '../summary.ts'
import { elapsed } from './figures.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'
import { pageAnswer } from './layout.ts'
import { badge } from './objective-section.ts'
import { scrollingTable } from './table.ts'

const maxRows = 500

/** The page of every rollout, those that were heard from last first. */
export function listPage(summaries: readonly RolloutSummary[], nowMs: number): Answer {
  const shown = summaries.slice(0, maxRows)
  const body = html`<h1>Rollouts</h1>
    ${shown.length === 0 ? empty : rollouts(shown, summaries.length, nowMs)}`
  return pageAnswer(200, 'Rollouts – mlgitops', body)
}

const empty = html`<section>
  <p>
    No rollout has been judged yet. A hook of Flagger that names objectives makes a canary known:
    <code>POST /webhook/rollout</code>.
  </p>
</section>`

function rollouts(shown: readonly RolloutSummary[], all: number, nowMs: number): Markup {
  const rows = shown.map(
    ({ namespace, name, page, model, commit, verdict, reason, run }) =>
      html`<tr>
        <td class="name"><a href="${page}">${namespace}/${name}</a></td>
        <td>${badge(verdict)}</td>
        <td class="name">${model}</td>
        <td>${commit === null ? '–' : html`<code>${commit}</code>`}</td>
        <td>${run.ended ?? 'goes on'}</td>
        <td>${elapsed(Math.max(0, nowMs - Date.parse(run.lastHookAt)))} ago</td>
        <td class="said">${reason}</td>
      </tr> `
  )
  const table = scrollingTable(
    ['canary', 'verdict', 'model', 'commit', 'run', 'last hook', 'why'],
    rows,
    html`${shown.length} of ${all} rollouts, the newest hook first`
  )
  return html`<section>${table}</section>`
}
