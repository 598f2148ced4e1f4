import type { Subject } from '../subject/subject.ts'
import { differencesOf } from './admitted.ts'
import type { Admitted, Difference } from './admitted.ts'
import { findInTime } from './find-in-time.ts'
import type { FoundOwner } from './find-owner.ts'
import type { OwnerSearch } from './owner-search.ts'
import type { Freshness } from './object-source.ts'
import type { Operator } from './operator.ts'

/** How what an object runs compares with what its owner was admitted with. */
export type Comparison =
  | { readonly kind: 'contained'; readonly admitted: Admitted }
  | {
      readonly kind: 'different'
      readonly admitted: Admitted
      readonly differences: readonly Difference[]
    }
  | Exclude<FoundOwner, { readonly kind: 'attested' }>

/**
 * Compares a subject with its nearest attested owner: the object as it was before an update, if that is
 * attested itself (an operator writes into it too), or one above it. Only an answer that lets it pass may
 * be some seconds old.
 *
 * @param timeLeftMs until the API server stops waiting
 */
export async function compareWithOwner(
  subject: Subject,
  { adds, depth, namespace }: Operator,
  search: Omit<OwnerSearch, 'freshness' | 'homes'>,
  timeLeftMs: number | undefined
): Promise<Comparison> {
  const compare = async (freshness: Freshness): Promise<Comparison> => {
    const found = await findInTime(
      subject,
      { ...search, freshness, homes: [namespace] },
      timeLeftMs
    )
    if (found.kind !== 'attested') return found
    const { admitted } = found
    const differences = differencesOf(subject, admitted, adds, depth)
    if (differences.length === 0) return { kind: 'contained', admitted }
    return { kind: 'different', admitted, differences }
  }
  const recent = await compare('recent')
  return recent.kind === 'contained' ? recent : compare('live')
}

const maxListed = 5

/** Says why a child does not pass, in one or more lines of text. */
export function describeComparison(comparison: Exclude<Comparison, { kind: 'contained' }>): string {
  switch (comparison.kind) {
    case 'none':
      return `not compared with an owner, because ${comparison.reason}`
    case 'unreadable':
      return `${comparison.reason}; the operator will try again`
    case 'different': {
      const { admitted, differences } = comparison
      const listed = differences.slice(0, maxListed).map(describeDifference)
      const more = differences.length - listed.length
      const all = more > 0 ? [...listed, `${more} more`] : listed
      return `${admitted.owner} was not admitted with what this object runs: ${all.join('; ')}`
    }
  }
}

function describeDifference({ field, what, found }: Difference): string {
  switch (what) {
    case 'image':
      return `${field} is ${found}, which neither its attestation nor --operator-images has`
    case 'model':
      return `${field} is ${found}, which its attestation does not have`
    case 'right':
      return `${field} is a right that it does not have (${found})`
    case 'command':
      return `${field} is no command that it has for this container`
    case 'script':
      return `${field} runs a script that it does not have`
    case 'variable':
      return `${field} is a variable that it does not have for this container (${found})`
    case 'field':
      return `${field} differs from every field that was attested`
  }
}
