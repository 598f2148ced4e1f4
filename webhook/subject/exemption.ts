import { isDeepStrictEqual } from 'node:util'
import { member } from '../../common/json.ts'
import { statusExemption } from './status-exemption.ts'
import { hasController } from './subject.ts'
import type { Subject } from './subject.ts'
import { withoutMaintained } from './written-metadata.ts'

/** Kubernetes controllers that create pods and jobs from objects that were judged themselves. */
export const defaultControllers: readonly string[] = [
  'cronjob-controller',
  'daemon-set-controller',
  'deployment-controller',
  'job-controller',
  'replicaset-controller',
  'replication-controller',
  'statefulset-controller'
].map(name => `system:serviceaccount:kube-system:${name}`)

/** Removes owner references of orphaned objects (`--cascade=orphan`), and of owners that no longer exist. */
const garbageCollector = 'system:serviceaccount:kube-system:generic-garbage-collector'

/**
 * Why an object is not judged, or undefined if it is:
 *
 * - a child of a controller: the user is one of `controllers`, and the object has a controller reference.
 *   The reference alone is not enough, because anyone can write it.
 * - a subresource or a status: see {@link statusExemption}
 * - an update in which such a user, or the garbage collector, changes only owners and finalizers: if it
 *   were denied, neither the object nor its owner could ever be deleted
 * - an update of an object under deletion that changes only finalizers: if it were denied, the object
 *   would stay forever (any other change is judged, CVE-2023-34091)
 */
export function exemptionOf(subject: Subject, controllers: readonly string[]): string | undefined {
  const ofStatus = statusExemption(subject, controllers)
  if (ofStatus !== undefined) return ofStatus
  const username = subject.requester?.username
  const isChild = hasController(subject) && subject.subResource === ''
  if (isChild && username !== undefined && controllers.includes(username)) {
    return `made by ${username}`
  }
  const isOfKubernetes =
    username !== undefined && (username === garbageCollector || controllers.includes(username))
  if (isOfKubernetes && isUnchangedBut(subject, ['ownerReferences', 'finalizers'])) {
    return `${username} changes only owners or finalizers`
  }
  return isFinalising(subject) ? 'being deleted; only its finalizers change' : undefined
}

function isFinalising(subject: Subject): boolean {
  const { oldObject } = subject
  if (typeof member(member(oldObject, 'metadata'), 'deletionTimestamp') !== 'string') return false
  return isUnchangedBut(subject, ['finalizers'])
}

/** True when an update changes only these fields of metadata, and those that the API server maintains. */
function isUnchangedBut({ object, oldObject }: Subject, fields: readonly string[]): boolean {
  if (oldObject === undefined) return false
  return isDeepStrictEqual(withoutMaintained(object, fields), withoutMaintained(oldObject, fields))
}
