import { digestOf } from '../settings/digest.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import { defaultBlock } from '../settings/read-analysis.ts'
import type { LiveRun } from '../run/rollouts.ts'
import type { AnalysisRow } from '../store/store.ts'

type Stored = Pick<AnalysisRow, 'digest' | 'settings'>

/**
 * Settings with their block, as they are stored. Without a block they get the run's, which is fixed when the
 * first of its analyses needs it: what a Canary says later counts from the next run.
 *
 * @param ofCanary the block that the Canary gives now, undefined where it gives none
 */
export function withBlock(
  settings: ObjectiveSettings,
  run: LiveRun,
  ofCanary: () => string | undefined
): ObjectiveSettings {
  if (settings.has('block')) return settings
  return new Map([...settings, ['block', blockOf(run) ?? ofCanary() ?? defaultBlock]])
}

/** The settings of a stored analysis as they were given, without the default block: their digest names it. */
export function givenSettings({ digest, settings }: Stored): ObjectiveSettings {
  const given = new Map(settings)
  given.delete('block')
  return digestOf(given) === digest ? given : settings
}

function blockOf({ analyses }: LiveRun): string | undefined {
  const live = analyses.find(({ row }) => !givenSettings(row).has('block'))
  return live && (live.row.settings.get('block') ?? defaultBlock)
}
