import type { HookRow } from '../../store/store.ts'
import { elapsed } from './figures.ts'
import { linearScale } from './scale.ts'
import { frame, ruleAt, timeAxis, viewBox } from './time-axis.ts'
import type { Rule, TimeAxis } from './time-axis.ts'

/** Evidence at a time, each as a share of what is proof: at 1 it is proved. */
export interface EvidencePoint {
  readonly atMs: number
  readonly toFail: number
  readonly toPass: number
}

/** What the chart of one objective is drawn from. */
export interface EvidenceSeries {
  /** Unique on the page: names the chart for those who cannot see it. */
  readonly id: string
  readonly startMs: number
  readonly endMs: number
  readonly points: readonly EvidencePoint[]
  /** Calls to mark along the time. */
  readonly hooks: readonly HookRow[]
}

/** What evidence-chart.hbs shows. */
export interface EvidenceChart {
  readonly id: string
  readonly viewBox: string
  readonly description: string
  readonly boundaries: readonly (Rule & { readonly side: Side; readonly word: string })[]
  readonly zero: Rule
  readonly lines: readonly Line[]
  readonly axis: TimeAxis
  readonly calls: readonly CallDot[]
}

type Side = 'up' | 'down'

interface Position {
  readonly x: number
  readonly y: number
}

interface Line {
  readonly side: Side
  /** As an SVG polyline has them. */
  readonly points: string
  readonly last: Position
}

interface CallDot extends Position {
  readonly kind: ReturnType<typeof callKind>
  readonly title: string
}

/** How far beyond proof evidence is drawn. */
const most = 1.15
const maxCalls = 300

/** Evidence over time: to pass upwards, to fail downwards, the boundaries dashed; hook calls as dots. */
export function evidenceChart(series: EvidenceSeries): EvidenceChart {
  const { id, startMs, endMs, points, hooks } = series
  const x = linearScale([startMs, endMs], [frame.left, frame.right])
  const y = linearScale([-most, most], [frame.bottom, frame.top])
  const up = points.map(({ atMs, toPass }) => ({ x: x(atMs), y: y(within(toPass)) }))
  const down = points.map(({ atMs, toFail }) => ({ x: x(atMs), y: y(-within(toFail)) }))
  return {
    id,
    viewBox,
    description: describe(points),
    boundaries: [
      { ...ruleAt(y(1)), side: 'up', word: 'pass' },
      { ...ruleAt(y(-1)), side: 'down', word: 'fail' }
    ],
    zero: ruleAt(y(0)),
    lines: [...line(up, 'up'), ...line(down, 'down')],
    axis: timeAxis(x, startMs, endMs),
    calls: inOrder(hooks.slice(0, maxCalls)).map(hook => call(hook, x(hook.atMs), startMs))
  }
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

/** No line without points. */
function line(points: readonly Position[], side: Side): readonly Line[] {
  const last = points.at(-1)
  if (last === undefined) return []
  return [{ side, points: points.map(point => `${point.x},${point.y}`).join(' '), last }]
}

function call({ type, status, atMs, text }: HookRow, x: number, startMs: number): CallDot {
  return {
    kind: callKind({ type, status }),
    x,
    y: frame.bottom,
    title: `${elapsed(Math.max(0, atMs - startMs))} ${type} ${status} ${text}`
  }
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
