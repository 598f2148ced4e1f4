import type { Metric } from '../../settings/metric.ts'
import { isError, isLatency } from '../../settings/metric.ts'
import { figure, interval, unitText } from './figures.ts'
import { linearScale, ticks } from './scale.ts'
import type { Scale } from './scale.ts'
import { frame, ruleAt, timeAxis, viewBox } from './time-axis.ts'
import type { Rule, TimeAxis } from './time-axis.ts'

/** An estimate and its confidence interval at a time. */
export interface IntervalPoint {
  readonly atMs: number
  readonly estimate: number
  readonly confidence: readonly [number | null, number | null] | null
  /** The primary's estimate, of a comparison. */
  readonly primary?: number | undefined
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
  /** The primary's estimates, in the format of an SVG polyline; null if there is none. */
  readonly primary: string | null
  /** Where an interval goes beyond the axis, in the format of an SVG polygon. */
  readonly cuts: readonly string[]
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
  return {
    id,
    viewBox,
    title: `${metric} ${unitText(metric)} over time, with its confidence interval`,
    description: describe(given),
    marks: ticks(range, 5).map(value => ({
      ...ruleAt(y(value)),
      text: figure(metric, value).replace(' ms', '')
    })),
    limit: limit === undefined ? null : limitAt(y(limit), figure(metric, limit)),
    series: series(drawn),
    primary: primaryLine(points, x, y),
    cuts: cutsOf(points, range, x),
    axis: timeAxis(x, startMs, endMs)
  }
}

function describe({ metric, limit, points }: IntervalSeries): string {
  const last = points.at(-1)
  if (last === undefined) return 'No data yet.'
  const other =
    last.primary === undefined ? '' : ` The primary's is ${figure(metric, last.primary)}.`
  const against = limit === undefined ? other : ` The limit is ${figure(metric, limit)}.`
  return `${points.length} points. At the end ${figure(metric, last.estimate)}, interval ${interval(metric, last.confidence)}.${against}`
}

/**
 * Returns the range of the values to draw: all estimates, the limit and the last interval. Earlier intervals that are
 * wider are cut.
 */
function rangeOf({ metric, limit, points }: IntervalSeries): readonly [number, number] {
  const last = points.at(-1)
  if (last === undefined && limit === undefined) return [0, 1]
  const values = [
    ...points.flatMap(({ estimate, primary }) => [estimate, primary]),
    ...(last?.confidence ?? []),
    limit
  ].filter(value => value !== undefined && value !== null)
  const [least, greatest] = [Math.min(...values), Math.max(...values)]
  const room = Math.max((greatest - least) * 0.06, Math.abs(greatest) * 0.01, 1e-4)
  const [low, high] = [least - room, greatest + room]
  const [lowest, highest] = boundsOf(metric)
  return [Math.max(low, lowest), Math.min(high, highest)]
}

/** Values that a metric cannot leave. */
function boundsOf(metric: Metric): readonly [number, number] {
  if (metric === 'bias') return [-Infinity, Infinity]
  return [0, isLatency(metric) || isError(metric) ? Infinity : 1]
}

/** Marks where the interval goes beyond the axis: at most so many of them, evenly, and the last one. */
const maxCuts = 24

function cutsOf(
  points: readonly IntervalPoint[],
  [least, greatest]: readonly [number, number],
  x: (atMs: number) => number
): readonly string[] {
  const cuts = points.flatMap(({ atMs, confidence }) => {
    if (confidence === null) return []
    const [low, high] = confidence
    return [
      ...(high === null || high > greatest ? [triangle(x(atMs), frame.top, -1)] : []),
      ...(low === null || low < least ? [triangle(x(atMs), frame.bottom, 1)] : [])
    ]
  })
  const step = Math.ceil(cuts.length / maxCuts)
  return cuts.filter((_, index) => (cuts.length - 1 - index) % step === 0)
}

/** A triangle that points out of the chart, in the format of an SVG polygon. */
function triangle(x: number, y: number, direction: 1 | -1): string {
  const base = y - direction * 7
  return `${x - 4},${base} ${x + 4},${base} ${x},${y}`
}

/** Returns the line of the limit, with its label above the right end. */
function limitAt(y: number, text: string): Rule & { readonly text: string } {
  return { ...ruleAt(y), labelX: frame.right, labelY: y - 5, text }
}

function primaryLine(points: readonly IntervalPoint[], x: Scale, y: Scale): string | null {
  const drawn = points.flatMap(({ atMs, primary }) =>
    primary === undefined ? [] : [`${x(atMs)},${y(primary)}`]
  )
  return drawn.length === 0 ? null : drawn.join(' ')
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
