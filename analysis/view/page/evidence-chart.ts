import type { HookRow } from '../../store/store.ts'
import { elapsed } from './figures.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'
import { linearScale } from './scale.ts'
import { frame, timeAxis } from './time-axis.ts'

/** Evidence at a time, each as a share of what is proof: at 1 it is proved. */
export interface EvidencePoint {
  readonly atMs: number
  readonly toFail: number
  readonly toPass: number
}

/** What the chart of one objective shows. */
export interface EvidenceChart {
  /** Unique on the page: names the chart for those who cannot see it. */
  readonly id: string
  readonly startMs: number
  readonly endMs: number
  readonly points: readonly EvidencePoint[]
  /** Calls to mark along the time. */
  readonly hooks: readonly HookRow[]
}

/** How far beyond proof evidence is drawn. */
const most = 1.15
const maxCalls = 300

/** Evidence over time: to pass upwards, to fail downwards, the boundaries dashed; hook calls as dots. */
export function evidenceChart({ id, startMs, endMs, points, hooks }: EvidenceChart): Markup {
  const x = linearScale([startMs, endMs], [frame.left, frame.right])
  const y = linearScale([-most, most], [frame.bottom, frame.top])
  const up = points.map(({ atMs, toPass }) => ({ x: x(atMs), y: y(within(toPass)) }))
  const down = points.map(({ atMs, toFail }) => ({ x: x(atMs), y: y(-within(toFail)) }))
  const boundary = (at: number, side: string, word: string) =>
    html`<line
        class="boundary ${side}"
        x1="${frame.left}"
        x2="${frame.right}"
        y1="${y(at)}"
        y2="${y(at)}"
      />
      <text class="of-${word}" x="${frame.left - 6}" y="${y(at) + 4}" text-anchor="end"
        >${word}</text
      > `
  return html`<svg
    viewBox="0 0 ${frame.width} ${frame.height}"
    role="img"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">Evidence over time</title>
    <desc id="${id}-desc">${describe(points)}</desc>
    ${boundary(1, 'up', 'pass')}${boundary(-1, 'down', 'fail')}
    <line class="zero" x1="${frame.left}" x2="${frame.right}" y1="${y(0)}" y2="${y(0)}" />
    ${line(up, 'up')}${line(down, 'down')}${timeAxis(x, startMs, endMs)}
    ${inOrder(hooks.slice(0, maxCalls)).map(hook => call(hook, x(hook.atMs), startMs))}
  </svg>`
}

function within(share: number): number {
  return Math.min(most, Math.max(0, share))
}

function describe(points: readonly EvidencePoint[]): string {
  const last = points.at(-1)
  if (last === undefined) return 'No evidence yet.'
  const percent = (share: number) => `${Math.round(Math.max(0, share) * 100)} %`
  return `${points.length} points. At the end the evidence is ${percent(last.toPass)} of what proves a pass and ${percent(last.toFail)} of what proves a failure.`
}

function line(points: readonly { readonly x: number; readonly y: number }[], side: string): Markup {
  const last = points.at(-1)
  if (last === undefined) return html``
  const path = points.map(point => `${point.x},${point.y}`).join(' ')
  return html`<polyline class="line ${side}" points="${path}" />
    <circle class="dot ${side}" cx="${last.x}" cy="${last.y}" r="3.5" /> `
}

function call({ type, status, atMs, text }: HookRow, x: number, startMs: number): Markup {
  return html`<circle
    class="call ${callKind({ type, status })}"
    cx="${x}"
    cy="${frame.bottom}"
    r="4"
    ><title>${elapsed(Math.max(0, atMs - startMs))} ${type} ${status} ${text}</title></circle
  > `
}

/** What matters most is drawn last, above the others. */
function inOrder(hooks: readonly HookRow[]): readonly HookRow[] {
  const order = ['told', 'opened', 'held', 'failed']
  return hooks.toSorted((a, b) => order.indexOf(callKind(a)) - order.indexOf(callKind(b)))
}

/** What an answer did: a rollback that is answered 200 is a failure, every other 200 opens. */
export function callKind({
  type,
  status
}: Pick<HookRow, 'type' | 'status'>): 'opened' | 'held' | 'failed' | 'told' {
  if (type === 'event' || type === 'post-rollout' || type === 'confirm-rollout') return 'told'
  if (type === 'rollback') return status === 200 ? 'failed' : 'told'
  if (status === 200) return 'opened'
  return status === 409 ? 'held' : 'failed'
}
