import { bound, Fault } from '../../common/fault.ts'
import { noWords } from '../canary/canary-words.ts'
import type { CanaryWords } from '../canary/canary-words.ts'
import type { RolloutName } from '../event/message.ts'
import type { LiveRun } from '../run/rollouts.ts'
import { digestOf } from '../settings/digest.ts'
import { namesObjective } from '../settings/metric-keys.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import type { AnalysisRow } from '../store/store.ts'
import type { HookCall } from './hook.ts'

/** Where the settings of calls come from. */
export interface CallSettingsOptions {
  /**
   * The settings of the ModelAnalysis of this namespace and name; undefined if there is none.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ`
   */
  readonly declared: (rollout: RolloutName) => ObjectiveSettings | undefined
  /**
   * What the metrics of the Canary of this namespace and name say.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ`
   */
  readonly words: (rollout: RolloutName) => CanaryWords
  /**
   * Validates and completes settings, and rejects what the rollout is not allowed to use.
   *
   * @throws {Fault} `OBJECTIVES_INVALID`
   */
  readonly prepare: (rollout: RolloutName, settings: ObjectiveSettings) => ObjectiveSettings
}

/** The settings that a call asks for. */
export interface CallSettings {
  /** Empty if nothing gives any. */
  readonly settings: ObjectiveSettings
  /** Metrics of the Canary that have no meaning here, if its metrics are asked. */
  readonly unjudged: readonly string[]
}

/**
 * Returns the settings that a call asks for: those declared for its rollout, overridden by its metadata. Where
 * neither names an objective, the metrics of the Canary do.
 *
 * @param run the run that the call belongs to; undefined for the first call of a run
 * @throws {Fault} `OBJECTIVES_INVALID`, `OBJECTIVES_NOT_READ`
 */
export function callSettings(
  options: CallSettingsOptions,
  { rollout, metadata }: HookCall,
  run: LiveRun | undefined
): CallSettings {
  const { declared, prepare } = options
  const own = new Map([...(declared(rollout) ?? []), ...metadata])
  const words = namesObjective(own.keys()) ? noWords : usableWords(options.words(rollout))
  const given = new Map([...words.settings, ...own])
  const { unjudged } = words
  if (given.size === 0) return { settings: given, unjudged }
  const known = run?.analyses.find(({ row }) => isAskedAgain(given, row))
  if (run === undefined || known === undefined) {
    return { settings: prepare(rollout, given), unjudged }
  }
  return { settings: withinRun(run, known.row, () => prepare(rollout, given)), unjudged }
}

const maxTextCharacters = 800

function usableWords(words: CanaryWords): CanaryWords {
  if (words.problems.length === 0) return words
  const listed = words.problems.map(
    ({ field, name, problem }) => `${field} (${bound(name, 60)}): ${problem}`
  )
  const text = `the metrics of the Canary cannot be used: ${listed.join('; ')}`
  throw new Fault('OBJECTIVES_INVALID', bound(text, maxTextCharacters))
}

/** The settings of a stored analysis as they were given, without a default block: their digest names it. */
export function givenSettings({
  digest,
  settings
}: Pick<AnalysisRow, 'digest' | 'settings'>): ObjectiveSettings {
  const given = new Map(settings)
  given.delete('block')
  return digestOf(given) === digest ? given : settings
}

/** Keeps the known analysis if the baseline file changed: a change counts from the next run. */
function withinRun(
  run: LiveRun,
  known: AnalysisRow,
  prepare: () => ObjectiveSettings
): ObjectiveSettings {
  try {
    const settings = prepare()
    const digest = digestOf(settings)
    return run.analyses.some(({ row }) => row.digest === digest) ? settings : givenSettings(known)
  } catch (error) {
    if (error instanceof Fault) return givenSettings(known)
    throw error
  }
}

/** Whether an analysis has these settings, and besides them only values that a baseline file can give. */
function isAskedAgain(given: ObjectiveSettings, { settings }: AnalysisRow): boolean {
  if (!given.has('baseline.file')) return false
  const entries = [...settings]
  const asked = entries.filter(([key]) => given.has(key))
  const added = entries.filter(([key]) => !given.has(key) && key !== 'block')
  const isFromFile = added.every(
    ([key]) => key.startsWith('baseline.') && key !== 'baseline.tolerance'
  )
  return isFromFile && digestOf(new Map(asked)) === digestOf(given)
}
