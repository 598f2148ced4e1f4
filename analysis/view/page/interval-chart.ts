import type { Metric } from '../../settings/metric.ts'
import { isLatency } from '../../settings/metric.ts'
import { figure, interval } from './figures.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'
import { linearScale, ticks } from './scale.ts'
import { frame, timeAxis } from './time-axis.ts'

/** An estimate with its interval at a time. */
export interface IntervalPoint {
  readonly atMs: number
  readonly estimate: number
  readonly confidence: readonly [number | null, number | null] | null
}

/** What the chart of one objective shows. */
export interface IntervalChart {
  /** Unique on the page. */
  readonly id: string
  readonly metric: Metric
  /** In the metric's own unit; undefined for a comparison. */
  readonly limit: number | undefined
  readonly startMs: number
  readonly endMs: number
  readonly points: readonly IntervalPoint[]
}

/** The estimate over time within its confidence interval, and the limit dashed. */
export function intervalChart(chart: IntervalChart): Markup {
  const { id, metric, limit, startMs, endMs, points } = chart
  const range = rangeOf(chart)
  const x = linearScale([startMs, endMs], [frame.left, frame.right])
  const y = linearScale(range, [frame.bottom, frame.top])
  const marks = ticks(range, 5).map(
    value =>
      html`<line
          class="axis"
          x1="${frame.left}"
          x2="${frame.right}"
          y1="${y(value)}"
          y2="${y(value)}"
        />
        <text x="${frame.left - 6}" y="${y(value) + 4}" text-anchor="end"
          >${figure(metric, value).replace(' ms', '')}</text
        > `
  )
  const drawn = points.map(({ atMs, estimate, confidence }) => ({
    x: x(atMs),
    y: y(estimate),
    low: y(Math.max(range[0], confidence?.[0] ?? range[0])),
    high: y(Math.min(range[1], confidence?.[1] ?? range[1]))
  }))
  const unit = isLatency(metric) ? ' in milliseconds' : ''
  return html`<svg
    viewBox="0 0 ${frame.width} ${frame.height}"
    role="img"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">${metric}${unit} over time, with its confidence interval</title>
    <desc id="${id}-desc">${describe(chart)}</desc>
    ${marks}${limit === undefined ? '' : limitLine(y(limit), figure(metric, limit))}${series(drawn)}${timeAxis(x, startMs, endMs)}
  </svg>`
}

function describe({ metric, limit, points }: IntervalChart): string {
  const last = points.at(-1)
  if (last === undefined) return 'No data yet.'
  const against = limit === undefined ? '' : ` The limit is ${figure(metric, limit)}.`
  return `${points.length} points. At the end ${figure(metric, last.estimate)}, interval ${interval(metric, last.confidence)}.${against}`
}

/** From the least to the greatest of what is drawn; intervals that nearly anything fits in are cut. */
function rangeOf({ metric, limit, points }: IntervalChart): readonly [number, number] {
  const centre = [
    ...points.map(({ estimate }) => estimate),
    ...(limit === undefined ? [] : [limit])
  ]
  if (centre.length === 0) return isLatency(metric) ? [0, 1] : [0, 1]
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

function limitLine(y: number, text: string): Markup {
  return html`<line
      class="boundary limit"
      x1="${frame.left}"
      x2="${frame.right}"
      y1="${y}"
      y2="${y}"
    />
    <text class="of-limit" x="${frame.right}" y="${y - 5}" text-anchor="end">limit ${text}</text> `
}

interface Drawn {
  readonly x: number
  readonly y: number
  readonly low: number
  readonly high: number
}

function series(points: readonly Drawn[]): Markup {
  const last = points.at(-1)
  if (last === undefined) return html``
  const outline = [
    ...points.map(({ x, high }) => `${x},${high}`),
    ...points.toReversed().map(({ x, low }) => `${x},${low}`)
  ]
  return html`<polygon class="band" points="${outline.join(' ')}" />
    <polyline class="line mark" points="${points.map(({ x, y }) => `${x},${y}`).join(' ')}" />
    <line class="whisker" x1="${last.x}" x2="${last.x}" y1="${last.low}" y2="${last.high}" />
    <circle class="dot" cx="${last.x}" cy="${last.y}" r="3.5" /> `
}
