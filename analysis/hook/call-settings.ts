import { Fault } from '../../common/fault.ts'
import type { RolloutName } from '../event/message.ts'
import type { LiveRun } from '../run/rollouts.ts'
import { digestOf } from '../settings/digest.ts'
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
   * Validates and completes settings, and rejects what the rollout is not allowed to use.
   *
   * @throws {Fault} `OBJECTIVES_INVALID`
   */
  readonly prepare: (rollout: RolloutName, settings: ObjectiveSettings) => ObjectiveSettings
}

/**
 * Returns the settings that a call asks for: those declared for its rollout, overridden by its metadata.
 * Empty if there are neither.
 *
 * @param run the run that the call belongs to; undefined for the first call of a run
 * @throws {Fault} `OBJECTIVES_INVALID`, `OBJECTIVES_NOT_READ`
 */
export function callSettings(
  { declared, prepare }: CallSettingsOptions,
  { rollout, metadata }: HookCall,
  run: LiveRun | undefined
): ObjectiveSettings {
  const given = new Map([...(declared(rollout) ?? []), ...metadata])
  if (given.size === 0) return given
  const known = run?.analyses.find(({ row }) => isAskedAgain(given, row))
  if (run === undefined || known === undefined) return prepare(rollout, given)
  return withinRun(run, known.row, () => prepare(rollout, given))
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
