import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../../common/json.ts'
import { changesRunningStatus } from '../../evidence/workload/inspect.ts'
import type { Subject } from './subject.ts'

/** Subresources that cannot change what runs. An unknown one is judged. */
const harmlessSubResources = new Set(['binding', 'eviction', 'scale', 'status'])

/**
 * Why a sub-resource or a status is not judged, or undefined if it is:
 *
 * - `scale`, `binding`, `eviction`, and a `status` of which the object's controller runs nothing new
 * - a status that a user of `controllers` writes: on `status`, or on an object of a kind without it, whose
 *   spec stays as it was
 */
export function statusExemption(
  subject: Subject,
  controllers: readonly string[]
): string | undefined {
  const { object, oldObject, subResource } = subject
  const changesWhatRuns = changesRunningStatus(object, oldObject)
  if (harmlessSubResources.has(subResource) && !changesWhatRuns) {
    return `subresource ${subResource} does not change what runs`
  }
  const username = subject.requester?.username
  if (username === undefined || !changesWhatRuns || !controllers.includes(username))
    return undefined
  const isStatus = subResource === 'status' || (subResource === '' && keepsTheRest(subject))
  return isStatus ? `status written by ${username}` : undefined
}

function keepsTheRest({ object, oldObject }: Subject): boolean {
  return oldObject !== undefined && isDeepStrictEqual(rest(object), rest(oldObject))
}

function rest(object: JsonObject): unknown {
  const members = Object.entries(object)
  return Object.fromEntries(members.filter(([key]) => key !== 'metadata' && key !== 'status'))
}
