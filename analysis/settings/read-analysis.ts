import { bound, Fault } from '../../common/fault.ts'
import { className } from '../counter/class-name.ts'
import type { Analysis } from './analysis.ts'
import type { Objective, Reference } from './objective.ts'
import { checkBaseline, readBaselineLimit } from './baseline-settings.ts'
import { metricKeyNames } from './keys.ts'
import { defaultMargin, isLatency, limitWord, metrics, needsLabels, quantileOf } from './metric.ts'
import type { Metric } from './metric.ts'
import { readPrometheusSettings } from './prometheus-settings.ts'
import { readReplaySettings } from './replay-settings.ts'
import { isKnownKey, knownKeys, unknownKeyProblem } from './unknown-key.ts'
import {
  durationMs,
  listOf,
  oneOf,
  ratio,
  signedNumber,
  truth,
  wholeNumber,
  word
} from './value.ts'
import { Values } from './values.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
/** The block if nothing gives one. */
export const defaultBlock = '1m'
const anyRatio = ratio(0, 1)
const maxTextCharacters = 900

/**
 * Reads objective settings: the metadata of a hook, or the flattened spec of a ModelAnalysis.
 *
 * @param isBaselineRead whether the values of `baseline.file` are included; without them the result is for
 *   validation only
 * @throws {Fault} `OBJECTIVES_INVALID` with every problem, in less than 1,000 characters
 */
export function readAnalysis(given: ReadonlyMap<string, string>, isBaselineRead = true): Analysis {
  const values = new Values(given)
  const unknown = [...given.keys()].filter(key => !isKnownKey(key))
  if (unknown.length > 0) values.problems.push(unknownKeyProblem(unknown))
  // Problems are listed in the order of the metrics. That of alpha comes later, from readRest.
  const alpha = readAlpha(new Values(given))
  const reading = { given, values, alpha, isBaselineRead }
  const objectives = metrics.flatMap(metric => readObjectives(metric, reading))
  const { isGuarded, ...rest } = readRest(values)
  const { source } = rest
  const foreign = [...given.keys()].filter(key => belongsToOtherSource(key, source))
  if (foreign.length > 0) {
    values.problems.push(`${listKeys(foreign)}: not used by source: ${source}`)
  }
  checkBaseline(metrics, values)
  const analysis: Analysis = {
    objectives,
    guards: isGuarded && source === 'events' ? guardsFor(objectives) : [],
    ...rest,
    prometheus: source === 'prometheus' ? readPrometheusSettings(values, objectives) : undefined,
    replay: source === 'replay' ? readReplaySettings(values, objectives) : undefined
  }
  if (objectives.length === 0 && values.problems.length === 0) {
    values.problems.push(
      'no objective is given, such as precision.min, latency.p99.max or precision.versus'
    )
  }
  if (values.problems.length > 0) {
    const problems = [...new Set(values.problems)].join('; ')
    const text = `the objectives cannot be used: ${problems}`
    throw new Fault('OBJECTIVES_INVALID', bound(text, maxTextCharacters))
  }
  return analysis
}

/** An objective may be met by the requests that have a response only: too many without one must fail too. */
function guardsFor(objectives: readonly Objective[]): readonly Objective[] {
  const metric = 'error-rate'
  if (objectives.some(objective => objective.metric === metric)) return []
  return [
    {
      metric,
      reference: { kind: 'primary' },
      expectedBadRatio: undefined,
      margin: defaultMargin(metric),
      isMarginGiven: false,
      critical: false,
      isGuard: true
    }
  ]
}

function readAlpha(values: Values): number {
  return values.or('alpha', anyRatio, 0.01)
}

function belongsToOtherSource(key: string, source: string): boolean {
  const owner = /^(prometheus|replay)\./.exec(key)?.[1]
  return owner !== undefined && owner !== source && knownKeys.has(key)
}

function listKeys(keys: readonly string[]): string {
  const more = keys.length - 5
  return `${keys.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

interface Reading {
  readonly given: ReadonlyMap<string, string>
  readonly values: Values
  readonly alpha: number
  readonly isBaselineRead: boolean
}

function readObjectives(metric: Metric, reading: Reading): readonly Objective[] {
  const { given, values } = reading
  const limit = readLimit(metric, values)
  const versus = values.optional(`${metric}.versus`, oneOf('primary', 'baseline'))
  const own = [...given.keys()].filter(
    key => key.startsWith(`${metric}.`) && metricKeyNames.has(key)
  )
  const named = [`${metric}.${limitWord(metric)}`, `${metric}.versus`]
  if (own.length > 0 && !own.some(key => named.includes(key))) {
    values.problems.push(`${own.join(', ')}: requires ${named.join(' or ')}`)
  }
  const margin = values.optional(`${metric}.margin`, anyRatio)
  const shared = {
    metric,
    margin: margin ?? defaultMargin(metric),
    isMarginGiven: margin !== undefined,
    isGuard: false,
    critical: values.or(`${metric}.critical`, truth, needsLabels(metric))
  }
  const baseline = readBaselineLimit(metric, values, { ...shared, alpha: reading.alpha })
  const references: readonly (Reference | undefined)[] = [
    limit && { kind: 'limit', ...limit },
    versus === 'baseline'
      ? (baseline ?? missingBaseline(metric, reading))
      : versus && { kind: versus }
  ]
  return references.flatMap(reference => {
    if (reference === undefined) return []
    if (reference.kind !== 'primary' && reference.badRatio + shared.margin >= 1) {
      values.problems.push(`${metric}.margin: limit plus margin must be below 1`)
    }
    const expectedBadRatio = baseline?.badRatio ?? limit?.badRatio
    return [{ ...shared, expectedBadRatio, reference }]
  })
}

/** Any value will do while the file is not read: nothing is judged by it. */
function missingBaseline(
  metric: Metric,
  { given, values, isBaselineRead }: Reading
): Reference | undefined {
  const key = `baseline.${metric}`
  const file = given.get('baseline.file')
  if (file !== undefined && !isBaselineRead) return { kind: 'baseline', badRatio: 0.01 }
  if (!given.has(key)) {
    values.problems.push(
      `${metric}.versus: ${key} is missing${file === undefined ? '' : ', in baseline.file too'}`
    )
  }
  return undefined
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

/** 1 - 0.92 is 0.07999999999999996; the intended ratio has at most 12 digits. */
function roundOff(ratio: number): number {
  return Number(ratio.toPrecision(12))
}

/** Reads how a prediction becomes a class. */
function readClasses(values: Values): Pick<Analysis, 'output' | 'threshold' | 'classes'> {
  return {
    output: values.optional('output', word),
    threshold: values.optional('threshold', signedNumber),
    classes: values.optional('classes', listOf(word))?.map(className)
  }
}

function readRest(values: Values): Omit<
  Analysis,
  'objectives' | 'guards' | 'prometheus' | 'replay'
> & {
  readonly isGuarded: boolean
} {
  return {
    model: values.optional('model', word),
    commit: values.optional('commit', word),
    positive: className(values.or('precision.positive', word, '1')),
    ...readClasses(values),
    alpha: readAlpha(values),
    beta: values.or('beta', anyRatio, 0.05),
    blockMs: values.or('block', durationMs(10, dayMs), minuteMs),
    maturityMs: values.optional('maturity', durationMs(0, 30 * dayMs)),
    labels: values.or('labels', oneOf('all', 'sampled'), 'all' as const),
    responseTimeoutMs: values.or('response-timeout', durationMs(1, dayMs), minuteMs),
    isGuarded: values.or('guards', oneOf('on', 'off'), 'on') === 'on',
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
    source: values.or('source', oneOf('events', 'prometheus', 'replay'), 'events')
  }
}
