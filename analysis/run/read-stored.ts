import { Fault } from '../../common/fault.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import type { AnalysisRow } from '../store/store.ts'

/** Reads a stored analysis; undefined if another version stored it and this one cannot read its settings. */
export function readStored(
  read: (settings: ObjectiveSettings) => Analysis,
  { settings }: AnalysisRow
): Analysis | undefined {
  try {
    return read(settings)
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}
