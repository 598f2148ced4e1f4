import type { Metric } from '../../settings/metric.ts'
import { isLatency } from '../../settings/metric.ts'
import { figure, interval } from './figures.ts'
import { linearScale, ticks } from './scale.ts'
import { frame, ruleAt, timeAxis, viewBox } from './time-axis.ts'
import type { Rule, TimeAxis } from './time-axis.ts'

/** An estimate with its interval at a time. */
export interface IntervalPoint {
  readonly atMs: number
  readonly estimate: number
  readonly confidence: readonly [number | null, number | null] | null
}

/** What the chart of one objective is drawn from. */
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
  /** The outline of the band of intervals, as an SVG polygon has it. */
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

/** The estimate over time within its confidence interval, and the limit dashed. */
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

/** From the least to the greatest of what is drawn; intervals that nearly anything fits in are cut. */
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

/** Its text stands above the line at the right end. */
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
