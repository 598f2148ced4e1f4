import type { Objective } from './objective.ts'
import { isLatency } from './metric.ts'
import { flaggerPods, presetNames, prometheusPresets } from './prometheus-presets.ts'
import type { PrometheusPreset } from './prometheus-presets.ts'
import { matcherList, selector } from './selector.ts'
import type { Selector } from './selector.ts'
import { durationMs, oneOf, word } from './value.ts'
import type { Values } from './values.ts'

/** The counters that are read from Prometheus, by what they count. */
export const prometheusCounters = [
  'requests',
  'errors',
  'latency',
  'true-positives',
  'false-positives',
  'false-negatives',
  'true-negatives'
] as const

/** One of {@link prometheusCounters}. */
export type PrometheusCounter = (typeof prometheusCounters)[number]

/** Settings of `source: prometheus`. */
export interface PrometheusSettings {
  readonly address: string | undefined
  /** Undefined: the Canary's name. */
  readonly target: string | undefined
  /** Only counters that the objectives need. */
  readonly selectors: ReadonlyMap<PrometheusCounter, Selector>
  readonly canary: readonly string[]
  /** Undefined if nothing selects the primary's series. */
  readonly primary: readonly string[] | undefined
  /** Milliseconds per unit of the histogram edges. */
  readonly unitMs: number
  readonly lagMs: number
  readonly timeoutMs: number
}

const dayMs = 86_400_000

/** Reads `prometheus.*`. A counter that an objective needs and nothing selects is a problem. */
export function readPrometheusSettings(
  values: Values,
  objectives: readonly Objective[]
): PrometheusSettings {
  const name = values.optional('prometheus.preset', oneOf(...presetNames))
  const preset: PrometheusPreset =
    name === undefined ? { unit: 's', ...flaggerPods } : prometheusPresets[name]
  const selectors = readSelectors(values, objectives, preset)
  const canary = values.optional('prometheus.canary', matcherList) ?? matchers(preset.canary)
  const primary = values.optional('prometheus.primary', matcherList) ?? matchers(preset.primary)
  if (canary === undefined && !values.has('prometheus.canary')) {
    values.problems.push(
      `prometheus.canary: the preset ${name ?? ''} does not distinguish canary and primary`
    )
  }
  const isCompared = objectives.some(({ reference }) => reference.kind === 'primary')
  if (isCompared && primary === undefined && !values.has('prometheus.primary')) {
    values.problems.push(
      'prometheus.primary: required, because an objective compares with the primary'
    )
  }
  return {
    address: values.optional('prometheus.address', word),
    target: values.optional('prometheus.target', word),
    selectors,
    canary: canary ?? [],
    primary,
    unitMs: values.or('prometheus.unit', oneOf('s', 'ms'), preset.unit) === 's' ? 1_000 : 1,
    lagMs: values.or('prometheus.lag', durationMs(0, dayMs), 15_000),
    timeoutMs: values.or('prometheus.timeout', durationMs(10, 60_000), 5_000)
  }
}

function readSelectors(
  values: Values,
  objectives: readonly Objective[],
  preset: PrometheusPreset
): ReadonlyMap<PrometheusCounter, Selector> {
  const selectors = new Map<PrometheusCounter, Selector>()
  const needed = new Set(objectives.flatMap(countersFor))
  for (const counter of prometheusCounters) {
    const key = `prometheus.${counter}`
    const given = values.optional(key, selector) ?? presetSelector(preset, counter)
    if (!needed.has(counter)) continue
    if (given !== undefined) selectors.set(counter, given)
    else if (!values.has(key))
      values.problems.push(`${key}: ${missingSelector(counter, objectives)}`)
  }
  return selectors
}

/** Returns the counters that an objective needs. */
function countersFor({ metric }: Objective): readonly PrometheusCounter[] {
  if (isLatency(metric)) return ['latency']
  switch (metric) {
    case 'error-rate':
      return ['requests', 'errors']
    case 'precision':
      return ['true-positives', 'false-positives']
    case 'recall':
      return ['true-positives', 'false-negatives']
    case 'accuracy':
      return ['true-positives', 'false-positives', 'false-negatives', 'true-negatives']
    default:
      return []
  }
}

function missingSelector(counter: PrometheusCounter, objectives: readonly Objective[]): string {
  const needing = objectives.filter(each => countersFor(each).includes(counter))
  const names = [...new Set(needing.map(({ metric }) => metric))]
  return `${names.join(', ')} requires a selector, and no preset gives it`
}

function presetSelector(
  preset: PrometheusPreset,
  counter: PrometheusCounter
): Selector | undefined {
  if (counter !== 'requests' && counter !== 'errors' && counter !== 'latency') return undefined
  const text = preset[counter]
  const reading = text === undefined ? undefined : selector(text)
  return reading !== undefined && 'value' in reading ? reading.value : undefined
}

function matchers(text: string | undefined): readonly string[] | undefined {
  const reading = text === undefined ? undefined : matcherList(text)
  return reading !== undefined && 'value' in reading ? reading.value : undefined
}
