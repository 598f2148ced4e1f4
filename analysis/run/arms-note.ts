import type { ClusterBook } from '../counter/cluster-book.ts'
import type { ObjectiveCounts } from '../judge/counts.ts'
import { armDispersion } from '../statistics/sampling/arm-dispersion.ts'
import type { ArmDispersion } from '../statistics/sampling/arm-dispersion.ts'

/** Says if requests of one user seem to stay in one arm, where events have no cluster. */
export function armsNote(
  { firstMs }: ClusterBook,
  arms: ArmDispersion
): Pick<ObjectiveCounts, 'note'> {
  const times = Number.isFinite(firstMs) ? undefined : armDispersion(arms)
  if (times === undefined) return {}
  return {
    note: `the difference of the arms varies between blocks ${times.toFixed(1)} times as much as random assignment allows: if users stay in their arm, send their cluster`
  }
}
