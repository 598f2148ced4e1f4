import type { Metric } from '../../settings/metric.ts'
import { isLatency } from '../../settings/metric.ts'
import { figure, interval } from './figures.ts'
import { linearScale, ticks } from './scale.ts'
import { frame, ruleAt, timeAxis, viewBox } from './time-axis.ts'
import type { Rule, TimeAxis } from './time-axis.ts'

/** An estimate and its confidence interval at a time. */
export interface IntervalPoint {
  readonly atMs: number
  readonly estimate: number
  readonly confidence: readonly [number | null, number | null] | null
}

/** The data of one objective's chart. */
export interface IntervalSeries {
  /** Unique on the page. */
  readonly id: string
  readonly metric: Metric
  /** In the metric's own unit; undefined for a comparison. */
  readonly limit: number | undefined
  readonly startMs: number
  readonly endMs: number
  readonly points: readonly IntervalPoint[]
}

/** What interval-chart.hbs shows. */
export interface IntervalChart {
  readonly id: string
  readonly viewBox: string
  readonly title: string
  readonly description: string
  readonly marks: readonly (Rule & { readonly text: string })[]
  readonly limit: (Rule & { readonly text: string }) | null
  /** Null without points. */
  readonly series: DrawnSeries | null
  readonly axis: TimeAxis
}

interface DrawnSeries {
  /** The outline of the confidence band, in the format of an SVG polygon. */
  readonly band: string
  readonly points: string
  readonly last: DrawnPoint
}

interface DrawnPoint {
  readonly x: number
  readonly y: number
  readonly low: number
  readonly high: number
}

/** Returns the chart of the estimate over time, with its confidence band and the limit as a dashed line. */
export function intervalChart(given: IntervalSeries): IntervalChart {
  const { id, metric, limit, startMs, endMs, points } = given
  const range = rangeOf(given)
  const x = linearScale([startMs, endMs], [frame.left, frame.right])
  const y = linearScale(range, [frame.bottom, frame.top])
  const drawn = points.map(({ atMs, estimate, confidence }) => ({
    x: x(atMs),
    y: y(estimate),
    low: y(Math.max(range[0], confidence?.[0] ?? range[0])),
    high: y(Math.min(range[1], confidence?.[1] ?? range[1]))
  }))
  const unit = isLatency(metric) ? ' in milliseconds' : ''
  return {
    id,
    viewBox,
    title: `${metric}${unit} over time, with its confidence interval`,
    description: describe(given),
    marks: ticks(range, 5).map(value => ({
      ...ruleAt(y(value)),
      text: figure(metric, value).replace(' ms', '')
    })),
    limit: limit === undefined ? null : limitAt(y(limit), figure(metric, limit)),
    series: series(drawn),
    axis: timeAxis(x, startMs, endMs)
  }
}

function describe({ metric, limit, points }: IntervalSeries): string {
  const last = points.at(-1)
  if (last === undefined) return 'No data yet.'
  const against = limit === undefined ? '' : ` The limit is ${figure(metric, limit)}.`
  return `${points.length} points. At the end ${figure(metric, last.estimate)}, interval ${interval(metric, last.confidence)}.${against}`
}

/** Returns the range of the values to draw; very wide intervals are cut off. */
function rangeOf({ metric, limit, points }: IntervalSeries): readonly [number, number] {
  const centre = [
    ...points.map(({ estimate }) => estimate),
    ...(limit === undefined ? [] : [limit])
  ]
  if (centre.length === 0) return [0, 1]
  const [least, greatest] = [Math.min(...centre), Math.max(...centre)]
  const ends = points.flatMap(({ confidence }) => confidence ?? []).filter(end => end !== null)
  const room = Math.max((greatest - least) * 1.5, Math.abs(greatest) * 0.08, 1e-3)
  const low = Math.max(0, Math.min(least - room * 0.1, Math.max(least - room, Math.min(...ends))))
  const top = Math.max(
    greatest + room * 0.1,
    Math.min(greatest + room, Math.max(...ends, greatest))
  )
  return [low, isLatency(metric) ? top : Math.min(1, top)]
}

/** Returns the line of the limit, with its label above the right end. */
function limitAt(y: number, text: string): Rule & { readonly text: string } {
  return { ...ruleAt(y), labelX: frame.right, labelY: y - 5, text }
}

function series(points: readonly DrawnPoint[]): DrawnSeries | null {
  const last = points.at(-1)
  if (last === undefined) return null
  const outline = [
    ...points.map(({ x, high }) => `${x},${high}`),
    ...points.toReversed().map(({ x, low }) => `${x},${low}`)
  ]
  const line = points.map(({ x, y }) => `${x},${y}`)
  return { band: outline.join(' '), points: line.join(' '), last }
}
