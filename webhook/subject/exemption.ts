import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { hasController } from './subject.ts'
import type { Subject } from './subject.ts'

/** The controllers of Kubernetes that make pods and jobs from objects which were judged themselves. */
export const defaultControllers: readonly string[] = [
  'cronjob-controller',
  'daemon-set-controller',
  'deployment-controller',
  'job-controller',
  'replicaset-controller',
  'replication-controller',
  'statefulset-controller'
].map(name => `system:serviceaccount:kube-system:${name}`)

/** Lets go of what an owner leaves behind (`--cascade=orphan`), and of owners that are gone. */
const garbageCollector = 'system:serviceaccount:kube-system:generic-garbage-collector'

/** Sub-resources that cannot change what runs; one that is not known here is judged. */
const harmlessSubResources = new Set(['binding', 'eviction', 'scale', 'status'])

/**
 * Why an object is not judged, or undefined if it is:
 *
 * - a child of a controller: one of `controllers` asks, and the object says it has a controller. Only
 *   the name of the asking user counts; what the object says alone, anyone can write.
 * - a sub-resource that cannot change what runs (`status`, `scale`, `binding`, `eviction`)
 * - an object of which such a user, or the garbage collector, changes nothing but owners and finalizers:
 *   refused, neither it nor what owned it could ever be deleted
 * - an object on its way out, of which nothing but the finalizers changes: refusing it would keep it
 *   for ever (the object is judged if anything else changes, CVE-2023-34091)
 */
export function exemptionOf(subject: Subject, controllers: readonly string[]): string | undefined {
  if (harmlessSubResources.has(subject.subResource)) {
    return `subresource ${subject.subResource} does not change what runs`
  }
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

/** Fields of metadata that the API server counts itself. */
const counted = ['resourceVersion', 'managedFields', 'generation']

/** Whether an update changes nothing but these fields of metadata. */
function isUnchangedBut({ object, oldObject }: Subject, fields: readonly string[]): boolean {
  if (oldObject === undefined) return false
  const passed = [...fields, ...counted]
  return isDeepStrictEqual(without(object, passed), without(oldObject, passed))
}

function without(object: JsonObject, fields: readonly string[]): unknown {
  const { metadata, ...rest } = object
  const kept = Object.entries(isJsonObject(metadata) ? metadata : {}).filter(
    ([key]) => !fields.includes(key)
  )
  return { ...rest, metadata: Object.fromEntries(kept) }
}
