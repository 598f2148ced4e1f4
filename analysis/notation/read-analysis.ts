import { bound, Fault } from '../../common/fault.ts'
import type { Analysis, Objective, Reference } from './analysis.ts'
import { metricKeyNames } from './keys.ts'
import { defaultMargin, isLatency, limitWord, metrics, needsLabels, quantileOf } from './metric.ts'
import type { Metric } from './metric.ts'
import { knownKeys, unknownKeyProblem } from './unknown-key.ts'
import { durationMs, oneOf, ratio, truth, wholeNumber, word } from './value.ts'
import type { Reader } from './value.ts'

const dayMs = 86_400_000
const anyRatio = ratio(0, 1)
const maxTextCharacters = 900

/** Reads values by key and remembers what is wrong with them. */
class Values {
  readonly problems: string[] = []
  readonly #values: ReadonlyMap<string, string>

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  optional<T>(key: string, reader: Reader<T>): T | undefined {
    const text = this.#values.get(key)
    if (text === undefined) return undefined
    const reading = reader(text)
    if ('value' in reading) return reading.value
    this.problems.push(
      `${key}: found ${JSON.stringify(bound(text, 60))}, expected ${reading.expected}`
    )
    return undefined
  }

  or<T>(key: string, reader: Reader<T>, otherwise: T): T {
    return this.optional(key, reader) ?? otherwise
  }
}

/**
 * Reads the notation: hook metadata as it comes, or a ModelAnalysis flattened at its dots.
 *
 * @throws {Fault} `OBJECTIVES_INVALID` with every problem, in less than 1,000 characters
 */
export function readAnalysis(given: ReadonlyMap<string, string>): Analysis {
  const values = new Values(given)
  const unknown = [...given.keys()].filter(key => !knownKeys.has(key))
  if (unknown.length > 0) values.problems.push(unknownKeyProblem(unknown))
  const objectives = metrics.flatMap(metric => readObjectives(metric, given, values))
  const analysis = { objectives, ...readRest(given, values) }
  if (objectives.length === 0 && values.problems.length === 0) {
    values.problems.push(
      'there is no objective: give one such as precision.min, latency.p99.max or precision.versus'
    )
  }
  if (values.problems.length > 0) {
    const text = `the objectives cannot be used: ${values.problems.join('; ')}`
    throw new Fault('OBJECTIVES_INVALID', bound(text, maxTextCharacters))
  }
  return analysis
}

function readObjectives(
  metric: Metric,
  given: ReadonlyMap<string, string>,
  values: Values
): readonly Objective[] {
  const limit = readLimit(metric, values)
  const versus = values.optional(`${metric}.versus`, oneOf('primary', 'baseline'))
  const own = [...given.keys()].filter(
    key => key.startsWith(`${metric}.`) && metricKeyNames.has(key)
  )
  const named = [`${metric}.${limitWord(metric)}`, `${metric}.versus`]
  if (own.length > 0 && !own.some(key => named.includes(key))) {
    values.problems.push(`${own.join(', ')}: there is no ${named.join(' or ')} that it belongs to`)
  }
  const margin = values.optional(`${metric}.margin`, anyRatio)
  const shared = {
    metric,
    margin: margin ?? defaultMargin(metric),
    isMarginGiven: margin !== undefined,
    critical: values.or(`${metric}.critical`, truth, needsLabels(metric))
  }
  if (limit !== undefined && limit.badRatio + shared.margin >= 1) {
    values.problems.push(`${metric}.margin: limit and margin leave no event that could be good`)
  }
  const references: readonly (Reference | undefined)[] = [
    limit && { kind: 'limit', ...limit },
    versus && { kind: versus }
  ]
  return references.flatMap(reference =>
    reference === undefined ? [] : [{ ...shared, reference }]
  )
}

function readLimit(
  metric: Metric,
  values: Values
): { readonly badRatio: number; readonly thresholdMs?: number } | undefined {
  const key = `${metric}.${limitWord(metric)}`
  if (isLatency(metric)) {
    const thresholdMs = values.optional(key, durationMs(0.001, dayMs))
    if (thresholdMs === undefined) return undefined
    return { badRatio: roundOff(1 - quantileOf[metric]), thresholdMs }
  }
  const value = values.optional(key, anyRatio)
  if (value === undefined) return undefined
  return { badRatio: limitWord(metric) === 'max' ? value : roundOff(1 - value) }
}

/** 1 - 0.92 is 0.07999999999999996: the ratio that was meant has at most 12 digits. */
function roundOff(ratio: number): number {
  return Number(ratio.toPrecision(12))
}

function readRest(
  given: ReadonlyMap<string, string>,
  values: Values
): Omit<Analysis, 'objectives'> {
  return {
    model: values.optional('model', word),
    commit: values.optional('commit', word),
    positive: values.or('precision.positive', word, '1'),
    alpha: values.or('alpha', anyRatio, 0.01),
    beta: values.or('beta', anyRatio, 0.05),
    blockMs: values.or('block', durationMs(10, dayMs), 60_000),
    maturityMs: values.optional('maturity', durationMs(0, 30 * dayMs)),
    warmupMs: values.or('warmup', durationMs(0, dayMs), 0),
    minEvents: values.or('min-events', wholeNumber(0, 1e9), 30),
    minIntervals: values.or('min-intervals', wholeNumber(0, 1e6), 2),
    maxAnalysisMs: values.or('max-analysis', durationMs(10, 90 * dayMs), dayMs),
    isDispersionCorrected: values.or('dispersion', oneOf('on', 'off'), 'on') === 'on',
    stepGate: values.or('step-gate', oneOf('not-fail', 'pass'), 'not-fail'),
    onInconclusive: values.optional(
      'on-inconclusive',
      oneOf('fail', 'pass', 'hold', 'pass-if-estimate-ok')
    ),
    onError: values.or('on-error', oneOf('pass', 'fail'), 'fail'),
    source: values.or('source', oneOf('events', 'prometheus', 'replay'), 'events'),
    sourceKeys: new Map([...given].filter(([key]) => /^(?:replay|prometheus|baseline)\./.test(key)))
  }
}
