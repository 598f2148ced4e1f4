import { digestOf } from '../notation/digest.ts'
import { defaultBlock } from '../notation/read-analysis.ts'
import type { LiveRun } from '../run/rollouts.ts'
import type { AnalysisRow } from '../store/store.ts'

type Notation = ReadonlyMap<string, string>
type Stored = Pick<AnalysisRow, 'digest' | 'notation'>

/**
 * A notation with its block, as it is stored. One that gives none has the run's, which is fixed when the
 * first of its analyses needs it: what a Canary says later counts from the next run.
 *
 * @param ofCanary the block that the Canary gives now, undefined where it gives none
 */
export function withBlock(
  notation: Notation,
  run: LiveRun,
  ofCanary: () => string | undefined
): Notation {
  if (notation.has('block')) return notation
  return new Map([...notation, ['block', blockOf(run) ?? ofCanary() ?? defaultBlock]])
}

/** The notation of a stored analysis as it was given: an analysis is named by it, without a default. */
export function givenNotation({ digest, notation }: Stored): Notation {
  const given = new Map(notation)
  given.delete('block')
  return digestOf(given) === digest ? given : notation
}

function blockOf({ analyses }: LiveRun): string | undefined {
  const live = analyses.find(({ row }) => !givenNotation(row).has('block'))
  return live && (live.row.notation.get('block') ?? defaultBlock)
}
