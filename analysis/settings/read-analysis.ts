import { bound, Fault } from '../../common/fault.ts'
import { maxClasses } from '../counter/class-book.ts'
import { className } from '../counter/class-name.ts'
import type { Analysis } from './analysis.ts'
import type { Objective } from './objective.ts'
import { checkBaseline } from './baseline-settings.ts'
import { defaultMargin, isOnlyCompared } from './metric.ts'
import { metricsOfKeys } from './metric-keys.ts'
import { readPrometheusSettings } from './prometheus-settings.ts'
import { readErrorCap, readObjectives } from './read-objectives.ts'
import { readReplaySettings } from './replay-settings.ts'
import { sourceProblems } from './source-metrics.ts'
import type { Place } from './source-metrics.ts'
import { isKnownKey, knownKeys, unknownKeyProblem } from './unknown-key.ts'
import {
  durationMs,
  listOf,
  oneOf,
  ratio,
  signedNumber,
  tolerance,
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
 * @param place who judges by the settings
 * @throws {Fault} `OBJECTIVES_INVALID` with every problem, in less than 1,000 characters
 */
export function readAnalysis(
  given: ReadonlyMap<string, string>,
  isBaselineRead = true,
  place: Place = 'hook'
): Analysis {
  const { analysis, problems } = readWithProblems(given, isBaselineRead, place)
  throwProblems(analysis.objectives, problems)
  return analysis
}

/** Returns what is wrong with settings, key by key; that they name no objective is not. */
export function settingsProblems(given: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set(readWithProblems(given, false, 'hook').problems)]
}

function readWithProblems(
  given: ReadonlyMap<string, string>,
  isBaselineRead: boolean,
  place: Place
): { readonly analysis: Analysis; readonly problems: string[] } {
  const values = new Values(given)
  checkKeys(given, values)
  // Problems are listed in the order of the metrics. That of alpha comes later, from readRest.
  const alpha = readAlpha(new Values(given))
  const errorCap = readErrorCap(values)
  const reading = { given, values, alpha, errorCap, isBaselineRead }
  const asked = metricsOfKeys(given.keys())
  const objectives = asked.flatMap(metric => readObjectives(metric, reading))
  const { isGuarded, ...rest } = readRest(values)
  const { source } = rest
  const foreign = [...given.keys()].filter(key => belongsToOtherSource(key, source))
  if (foreign.length > 0) {
    values.problems.push(`${listKeys(foreign)}: not used by source: ${source}`)
  }
  checkBaseline(values)
  values.problems.push(...sourceProblems(objectives, source, place))
  values.problems.push(...classProblems(objectives, rest.classes))
  const analysis: Analysis = {
    objectives,
    guards: isGuarded && source === 'events' && place === 'hook' ? guardsFor(objectives) : [],
    errorCap,
    ...rest,
    prometheus: source === 'prometheus' ? readPrometheusSettings(values, objectives) : undefined,
    replay: source === 'replay' ? readReplaySettings(values, objectives) : undefined
  }
  return { analysis, problems: values.problems }
}

function checkKeys(given: ReadonlyMap<string, string>, values: Values): void {
  const unknown = [...given.keys()].filter(key => !isKnownKey(key))
  if (unknown.length > 0) values.problems.push(unknownKeyProblem(unknown))
}

function throwProblems(objectives: readonly Objective[], problems: string[]): void {
  if (objectives.length === 0 && problems.length === 0) {
    problems.push(
      'no objective is given, such as precision.min, latency.p99.max or precision.versus'
    )
  }
  if (problems.length === 0) return
  const text = `the objectives cannot be used: ${[...new Set(problems)].join('; ')}`
  throw new Fault('OBJECTIVES_INVALID', bound(text, maxTextCharacters))
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

/** Reads how a prediction becomes a class. */
function readClasses(
  values: Values
): Pick<Analysis, 'output' | 'threshold' | 'classes' | 'tolerance'> {
  return {
    tolerance: values.optional('tolerance', tolerance),
    output: values.optional('output', word),
    threshold: values.optional('threshold', signedNumber),
    classes: values.optional('classes', listOf(word))?.map(className)
  }
}

function classProblems(
  objectives: readonly Objective[],
  classes: Analysis['classes'] = []
): readonly string[] {
  const isCompared = objectives.some(({ metric }) => isOnlyCompared(metric))
  if (!isCompared || classes.length <= maxClasses) return []
  return [
    `classes: ${classes.length} classes are named; prediction-rate compares at most ${maxClasses}`
  ]
}

function readRest(values: Values): Omit<
  Analysis,
  'objectives' | 'guards' | 'errorCap' | 'prometheus' | 'replay'
> & {
  readonly isGuarded: boolean
} {
  return {
    model: values.optional('model', word),
    commit: values.optional('commit', word),
    digest: values.optional('digest', word),
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
    onShift: values.or('on-shift', oneOf('hold', 'fail'), 'hold'),
    source: values.or('source', oneOf('events', 'prometheus', 'replay'), 'events')
  }
}
