import type { JsonValue } from '../../common/json.ts'
import { member } from '../../common/json.ts'

/** Which bound of a Canary's metric is its limit. */
type Side = 'min' | 'max'

/** What the name of a metric in a Canary means here. */
interface MetricWord {
  /** The objective key that its bound becomes. */
  readonly key: string
  readonly side: Side
  /** How Flagger reads the deprecated `threshold`. */
  readonly thresholdSide: Side
  /** The smallest and the largest value that the metric can have. */
  readonly range: readonly [least: number, most: number]
  /** Its bound in the unit of the key. */
  readonly convert: (bound: number) => { readonly value: number; readonly unit: string }
}

const ratio = (value: number) => ({ value, unit: '' })
const milliseconds = (value: number) => ({ value, unit: 'ms' })
/** 1 - 0.992 is 0.008000000000000007; the intended ratio has at most 12 digits. */
const errorsOfPercent = (percent: number) => ratio(Number((1 - percent / 100).toPrecision(12)))

const quality = (key: string): MetricWord => ({
  key,
  side: 'min',
  thresholdSide: 'max',
  range: [0, 1],
  convert: ratio
})
const latency: MetricWord = {
  key: 'latency.p99.max',
  side: 'max',
  thresholdSide: 'max',
  range: [0, Infinity],
  convert: milliseconds
}

/**
 * The metrics of a Canary that are judged here: Flagger's own two (pkg/controller/scheduler_metrics.go), and the
 * scores that `GET /api/v1/query` answers. Flagger reads `threshold` of request-success-rate as a minimum in
 * percent, and any other as a maximum.
 */
const words: ReadonlyMap<string, MetricWord> = new Map<string, MetricWord>([
  [
    'request-success-rate',
    {
      key: 'error-rate.max',
      side: 'min',
      thresholdSide: 'min',
      range: [0, 100],
      convert: errorsOfPercent
    }
  ],
  ['request-duration', latency],
  ['model-precision', quality('precision.min')],
  ['model-recall', quality('recall.min')],
  ['model-accuracy', quality('accuracy.min')],
  ['model-f1', quality('f1.min')],
  [
    'model-error-rate',
    { key: 'error-rate.max', side: 'max', thresholdSide: 'max', range: [0, 1], convert: ratio }
  ],
  ['model-predict-latency-ms', latency]
])

/** The names of metrics that are judged here. */
export const metricWords: readonly string[] = [...words.keys()]

/** An objective that a metric's bound gives; or nothing, because every value meets it; or what is wrong. */
export type MetricReading =
  | { readonly kind: 'limit'; readonly key: string; readonly value: number; readonly unit: string }
  | { readonly kind: 'vacuous' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | { readonly kind: 'unknown' }

/** Reads the bound of one metric of a Canary. Of a model's score, hyphens may be underscores. */
export function readMetric(metric: JsonValue): MetricReading {
  const name = member(metric, 'name')
  const word = typeof name === 'string' ? words.get(normalised(name)) : undefined
  if (word === undefined) return { kind: 'unknown' }
  const bounds = boundsOf(metric, word)
  if ('problem' in bounds) return { kind: 'wrong', problem: bounds.problem }
  return limitOf(bounds, word)
}

function normalised(name: string): string {
  return name.startsWith('model_') ? name.replaceAll('_', '-') : name
}

type Bounds = Readonly<Partial<Record<Side, number>>>

/** As Flagger, which looks at `threshold` only without `thresholdRange`. */
function boundsOf(
  metric: JsonValue,
  { side, thresholdSide }: MetricWord
): Bounds | { readonly problem: string } {
  const range = member(metric, 'thresholdRange') ?? undefined
  const threshold = member(metric, 'threshold') ?? undefined
  if (range === undefined && threshold === undefined) {
    return { problem: `requires thresholdRange.${side}` }
  }
  const given: readonly (readonly [string, Side, JsonValue | undefined])[] =
    range === undefined
      ? [['threshold', thresholdSide, threshold]]
      : (['min', 'max'] as const).map(
          each => [`thresholdRange.${each}`, each, member(range, each) ?? undefined] as const
        )
  const bounds: Partial<Record<Side, number>> = {}
  for (const [field, bound, value] of given) {
    if (value === undefined) continue
    if (typeof value !== 'number') return { problem: `${field} must be a number` }
    bounds[bound] = value
  }
  if (range === undefined && side !== thresholdSide) {
    return { problem: `threshold is a maximum in Flagger; write thresholdRange.${side}` }
  }
  return bounds
}

function limitOf(bounds: Bounds, word: MetricWord): MetricReading {
  const { side, range, key, convert } = word
  const other = side === 'min' ? 'max' : 'min'
  if (!isVacuous(bounds[other], other, range)) {
    return {
      kind: 'wrong',
      problem: `${other} cannot be judged, only ${side}`
    }
  }
  const limit = bounds[side]
  if (limit === undefined) return { kind: 'wrong', problem: `requires thresholdRange.${side}` }
  if (isVacuous(limit, side, range)) return { kind: 'vacuous' }
  const [least, most] = range
  const isUnprovable = side === 'min' ? limit >= most : limit <= least
  if (!isUnprovable) return { kind: 'limit', key, ...convert(limit) }
  const best = side === 'min' ? `below ${most}` : `above ${least}`
  return { kind: 'wrong', problem: `${side} must be ${best}: events cannot prove ${limit}` }
}

/** Whether every value meets a bound. */
function isVacuous(
  bound: number | undefined,
  side: Side,
  [least, most]: MetricWord['range']
): boolean {
  if (bound === undefined) return true
  return side === 'min' ? bound <= least : bound >= most
}
