import { className } from '../counter/class-name.ts'
import { readBaselineLimit } from './baseline-settings.ts'
import { metricOfKey } from './metric-keys.ts'
import { badRatioOfF1, f1OfBadRatio } from './f1.ts'
import {
  defaultMargin,
  isError,
  isLatency,
  isMean,
  isOnlyCompared,
  isQuality,
  isSpeed,
  limitWord,
  quantileOf
} from './metric.ts'
import type { Metric } from './metric.ts'
import type { Objective, Reference } from './objective.ts'
import {
  durationMs,
  listOf,
  numberBetween,
  oneOf,
  positiveNumber,
  ratio,
  truth,
  word
} from './value.ts'
import type { Values } from './values.ts'

/** What objectives are read from. */
export interface Reading {
  readonly given: ReadonlyMap<string, string>
  readonly values: Values
  readonly alpha: number
  readonly errorCap: number | undefined
  readonly isBaselineRead: boolean
}

const dayMs = 86_400_000
const anyRatio = ratio(0, 1)
const oddsRatio = numberBetween(1, 100)
/** How many times the odds of a class may differ between the arms. */
const defaultOddsTolerance = 1.5
/** Reads the largest error that counts. */
export function readErrorCap(values: Values): number | undefined {
  return values.optional('error-cap', positiveNumber)
}

/** Reads the objectives of one metric, of which a key is given. */
export function readObjectives(metric: Metric, reading: Reading): readonly Objective[] {
  const { given, values } = reading
  const limit = readLimit(metric, reading)
  const versus = values.optional(
    `${metric}.versus`,
    isOnlyCompared(metric) ? oneOf('primary') : oneOf('primary', 'baseline')
  )
  requireLimit(metric, reading)
  const shared = {
    metric,
    ...readMargin(metric, reading),
    ...readRest(metric, values),
    ...(isError(metric) && reading.errorCap !== undefined ? { errorCap: reading.errorCap } : {})
  }
  const baseline = readBaselineLimit(metric, values, { ...shared, alpha: reading.alpha })
  const references: readonly (Reference | undefined)[] = [
    limit && { kind: 'limit', ...limit },
    versus === 'baseline'
      ? (baseline ?? missingBaseline(metric, reading))
      : versus && { kind: versus }
  ]
  if (given.has(`${metric}.class`) && versus === 'primary') {
    values.problems.push(`${metric}.class: a comparison with the primary is of one class`)
  }
  return references.flatMap(reference => {
    if (reference === undefined) return []
    const margin =
      metric === 'f1' && reference.kind !== 'primary'
        ? shareOfF1Margin(reference.badRatio, shared.margin)
        : shared.margin
    if (reference.kind !== 'primary' && !(reference.badRatio + margin < 1)) {
      values.problems.push(`${metric}.margin: ${tooWide(metric)}`)
    }
    const expectedBadRatio = baseline?.badRatio ?? limit?.badRatio
    return [{ ...shared, margin, expectedBadRatio, reference }]
  })
}

function requireLimit(metric: Metric, { given, values }: Reading): void {
  const own = [...given.keys()].filter(key => metricOfKey(key) === metric)
  const limitKey = `${metric}.${limitWord(metric)}`
  const named = [limitKey, `${metric}.versus`].filter(key => metricOfKey(key) === metric)
  if (!own.some(key => named.includes(key))) {
    values.problems.push(`${own.join(', ')}: requires ${named.join(' or ')}`)
  }
}

/** Reads the margin: a share of events, or a number in the metric's own unit. */
function readMargin(
  metric: Metric,
  { values, errorCap }: Reading
): Pick<Objective, 'margin' | 'isMarginGiven'> {
  const key = `${metric}.margin`
  const given = isError(metric)
    ? values.optional(key, positiveNumber)
    : values.optional(key, anyRatio)
  const isMarginGiven = given !== undefined
  if (!isError(metric)) return { margin: given ?? defaultMargin(metric), isMarginGiven }
  const cap = errorCap ?? 1
  const own = given ?? defaultMargin(metric) * cap
  return { margin: roundOff(own / rangeOf(metric, cap)), isMarginGiven }
}

function readRest(
  metric: Metric,
  values: Values
): Pick<Objective, 'isGuard' | 'critical' | 'maturityMs' | 'oddsTolerance' | 'classes'> {
  const maturityMs = isQuality(metric)
    ? values.optional(`${metric}.maturity`, durationMs(0, 30 * dayMs))
    : undefined
  const classes = values.optional(`${metric}.class`, listOf(word))?.map(className)
  if (classes !== undefined && new Set(classes).size < classes.length) {
    values.problems.push(`${metric}.class: a class is named twice`)
  }
  return {
    isGuard: false,
    critical: values.or(`${metric}.critical`, truth, isQuality(metric)),
    ...(isOnlyCompared(metric)
      ? { oddsTolerance: values.or(`${metric}.tolerance`, oddsRatio, defaultOddsTolerance) }
      : {}),
    ...(maturityMs === undefined ? {} : { maturityMs }),
    ...(classes === undefined ? {} : { classes })
  }
}

/** A margin of F1 as a difference of the share of bad events; 1 if the limit less the margin is not above 0. */
function shareOfF1Margin(badRatio: number, margin: number): number {
  const least = f1OfBadRatio(badRatio) - margin
  return least > 0 ? roundOff(badRatioOfF1(least) - badRatio) : 1
}

function tooWide(metric: Metric): string {
  return metric === 'f1'
    ? 'limit less margin must be above 0'
    : isMean(metric)
      ? 'limit and margin must be within the range of the metric'
      : 'limit plus margin must be below 1'
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

type Limit = Omit<Extract<Reference, { kind: 'limit' }>, 'kind'>

function readLimit(metric: Metric, { values, errorCap }: Reading): Limit | undefined {
  const key = `${metric}.${limitWord(metric)}`
  if (isLatency(metric)) {
    const thresholdMs = values.optional(key, durationMs(0.001, dayMs))
    if (thresholdMs === undefined) return undefined
    return { badRatio: roundOff(1 - quantileOf(metric)), thresholdMs }
  }
  if (isSpeed(metric)) {
    const leastPerSecond = values.optional(key, positiveNumber)
    if (leastPerSecond === undefined) return undefined
    return { badRatio: 1 - quantileOf(metric), thresholdMs: 1_000 / leastPerSecond, leastPerSecond }
  }
  if (isError(metric)) return readErrorLimit(metric, values, errorCap)
  const value = values.optional(key, anyRatio)
  if (value === undefined) return undefined
  if (metric === 'f1') return { badRatio: badRatioOfF1(value) }
  return { badRatio: limitWord(metric) === 'max' ? value : roundOff(1 - value) }
}

function readErrorLimit(
  metric: Metric,
  values: Values,
  errorCap: number | undefined
): Limit | undefined {
  const key = `${metric}.max`
  const value = values.optional(key, positiveNumber)
  if (value === undefined) return undefined
  if (errorCap === undefined) {
    if (!values.has('error-cap')) {
      values.problems.push(`${key}: requires error-cap, the largest error that counts`)
    }
    return undefined
  }
  if (value >= errorCap) values.problems.push(`${key}: must be below error-cap`)
  const isSigned = metric === 'bias'
  return { badRatio: roundOff((isSigned ? value + errorCap : value) / rangeOf(metric, errorCap)) }
}

/** The width of the range of a mean: errors of either sign for bias. */
function rangeOf(metric: Metric, errorCap: number): number {
  return metric === 'bias' ? 2 * errorCap : errorCap
}

/** 1 - 0.92 is 0.07999999999999996; the intended ratio has at most 12 digits. */
function roundOff(value: number): number {
  return Number(value.toPrecision(12))
}
