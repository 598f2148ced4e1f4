import type { Subject } from '../subject/subject.ts'
import { findOwner } from './find-owner.ts'
import type { FoundOwner } from './find-owner.ts'
import type { OwnerSearch } from './owner-search.ts'

/** Owners are read once or twice for an object; the rest of the time is for policies. */
const longestMs = 3_000
const shareOfTimeLeft = 0.35

/**
 * As {@link findOwner}; owners that are not read in time count as unreadable.
 *
 * @param timeLeftMs until the API server stops waiting
 */
export async function findInTime(
  subject: Subject,
  search: OwnerSearch,
  timeLeftMs: number | undefined
): Promise<FoundOwner> {
  const timeMs = Math.min(longestMs, (timeLeftMs ?? Infinity) * shareOfTimeLeft)
  const late = Promise.withResolvers<FoundOwner>()
  const timer = setTimeout(() => {
    const seconds = Math.round(timeMs / 100) / 10
    late.resolve({ kind: 'unreadable', reason: `its owners were not read within ${seconds} s` })
  }, timeMs)
  try {
    return await Promise.race([findOwner(subject, search), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
