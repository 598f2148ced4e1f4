import { Fault } from '../../common/fault.ts'
import { digestOf } from '../settings/digest.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import type { LiveRun } from '../run/rollouts.ts'
import type { AnalysisRow } from '../store/store.ts'
import { line } from './answer.ts'
import type { HookAnswer } from './answer.ts'
import { givenSettings } from './block-default.ts'
import type { HookOptions } from './handle-hook.ts'
import type { HookCall } from './hook.ts'

/**
 * What a call is judged by: its own metadata over what is declared. An answer where that is unusable.
 *
 * @param run the run that the call belongs to; undefined for the first call of one
 */
export function askedSettings(
  { declared, prepare }: Pick<HookOptions, 'declared' | 'prepare'>,
  { rollout, metadata }: HookCall,
  run: LiveRun | undefined
): ObjectiveSettings | HookAnswer {
  try {
    const given = new Map([...(declared(rollout) ?? []), ...metadata])
    if (given.size === 0) return given
    const known = run?.analyses.find(({ row }) => isAskedAgain(given, row))
    if (run === undefined || known === undefined) return prepare(rollout, given)
    return asFileSaid(run, known.row, () => prepare(rollout, given))
  } catch (error) {
    if (error instanceof Fault) return { status: 400, text: line(error.message) }
    throw error
  }
}

/** What is asked for now where the run has it, else what was asked for when the file said something else. */
function asFileSaid(
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

/** Whether an analysis is what is asked for, with what its baseline's file may have said in this run. */
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
