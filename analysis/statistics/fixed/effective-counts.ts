import { addCounts, noCounts } from '../counts.ts'
import type { RateCounts } from '../counts.ts'
import { studentQuantile } from '../numeric/student-quantile.ts'

/**
 * Returns how many independent events are worth as much as events in clusters, such as the requests of users,
 * with the same rate (Korn and Graubard 1998). Where no event is bad, or all are, a cluster is one event: then
 * nothing tells how alike its events are. Derivation: docs/statistics/fixed.md#clusters.
 *
 * @param level of the interval that is made of them
 */
export function effectiveCounts(clusters: readonly RateCounts[], level: number): RateCounts {
  const seen = clusters.filter(({ events }) => events > 0)
  const total = seen.reduce(addCounts, noCounts)
  if (seen.length < 2) return scaled(total, seen.length)
  const rate = total.bad / total.events
  if (rate === 0 || rate === 1) return scaled(total, seen.length)
  const squares = seen.reduce((sum, { events, bad }) => sum + (bad - rate * events) ** 2, 0)
  const variance = (squares * seen.length) / (seen.length - 1)
  const independent = rate * (1 - rate) * total.events
  const worth = Math.min(total.events, (total.events * independent) / variance)
  const spread = studentQuantile(level, total.events - 1) / studentQuantile(level, seen.length - 1)
  return scaled(total, Math.min(worth, worth * spread * spread))
}

function scaled({ events, bad }: RateCounts, worth: number): RateCounts {
  return events === 0 ? noCounts : { events: worth, bad: (bad * worth) / events }
}
