import type { HookRow } from '../../store/store.ts'
import { elapsed } from './figures.ts'
import { linearScale } from './scale.ts'
import { frame, ruleAt, timeAxis, viewBox } from './time-axis.ts'
import type { Rule, TimeAxis } from './time-axis.ts'

/** Evidence at a time, as a share of what proves a FAIL and a PASS: 1 is proof. */
export interface EvidencePoint {
  readonly atMs: number
  readonly toFail: number
  readonly toPass: number
}

/** The data of one objective's chart. */
export interface EvidenceSeries {
  /** Unique on the page; screen readers find the title and the description by it. */
  readonly id: string
  readonly startMs: number
  readonly endMs: number
  readonly points: readonly EvidencePoint[]
  /** Hook calls to mark on the time axis. */
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
  /** In the format of an SVG polyline. */
  readonly points: string
  readonly last: Position
}

interface CallDot extends Position {
  readonly kind: ReturnType<typeof callKind>
  readonly title: string
}

/** Evidence is drawn up to this share of proof. */
const highestShare = 1.15
const maxCalls = 300

/**
 * Returns the chart of evidence over time: for PASS upwards, for FAIL downwards, boundaries dashed, hook
 * calls as dots.
 */
export function evidenceChart(series: EvidenceSeries): EvidenceChart {
  const { id, startMs, endMs, points, hooks } = series
  const x = linearScale([startMs, endMs], [frame.left, frame.right])
  const y = linearScale([-highestShare, highestShare], [frame.bottom, frame.top])
  const up = points.map(({ atMs, toPass }) => ({ x: x(atMs), y: y(clamped(toPass)) }))
  const down = points.map(({ atMs, toFail }) => ({ x: x(atMs), y: y(-clamped(toFail)) }))
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
    calls: byImportance(hooks.slice(0, maxCalls)).map(hook => call(hook, x(hook.atMs), startMs))
  }
}

function clamped(share: number): number {
  return Math.min(highestShare, Math.max(0, share))
}

function describe(points: readonly EvidencePoint[]): string {
  const last = points.at(-1)
  if (last === undefined) return 'No evidence yet.'
  const percent = (share: number) => `${Math.round(Math.max(0, share) * 100)} %`
  return `${points.length} points. At the end the evidence is ${percent(last.toPass)} of what proves a pass and ${percent(last.toFail)} of what proves a failure.`
}

/** Returns one line, or none without points. */
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

/** Sorts calls so that the most important are drawn last, on top. */
function byImportance(hooks: readonly HookRow[]): readonly HookRow[] {
  const order = ['neutral', 'opened', 'held', 'failed']
  return hooks.toSorted((a, b) => order.indexOf(callKind(a)) - order.indexOf(callKind(b)))
}

/**
 * Classifies a hook call by the effect of its answer. A rollback hook that is answered 200 failed the
 * canary; every other 200 opens a gate.
 */
export function callKind({
  type,
  status
}: Pick<HookRow, 'type' | 'status'>): 'opened' | 'held' | 'failed' | 'neutral' {
  if (type === 'event' || type === 'post-rollout' || type === 'confirm-rollout') return 'neutral'
  if (type === 'rollback') return status === 200 ? 'failed' : 'neutral'
  if (status === 200) return 'opened'
  return status === 409 ? 'held' : 'failed'
}
