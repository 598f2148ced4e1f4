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

/** Sub-resources that cannot change what runs; one that is not known here is judged. */
const harmlessSubResources = new Set(['binding', 'eviction', 'scale', 'status'])

/**
 * Why an object is not judged, or undefined if it is:
 *
 * - a child of a controller: one of `controllers` asks, and the object says it has a controller. Only
 *   the name of the asking user counts; what the object says alone, anyone can write.
 * - a sub-resource that cannot change what runs (`status`, `scale`, `binding`, `eviction`)
 * - an object on its way out, of which nothing but the finalizers changes: refusing it would keep it
 *   for ever (the object is judged if anything else changes, CVE-2023-34091)
 */
export function exemptionOf(subject: Subject, controllers: readonly string[]): string | undefined {
  if (harmlessSubResources.has(subject.subResource)) {
    return `sub-resource ${subject.subResource} does not change what runs`
  }
  const username = subject.requester?.username
  const isChild = hasController(subject) && subject.subResource === ''
  if (isChild && username !== undefined && controllers.includes(username)) {
    return `made by ${username}`
  }
  return isFinalising(subject) ? 'being deleted, and unchanged but for its finalizers' : undefined
}

function isFinalising({ object, oldObject }: Subject): boolean {
  if (oldObject === undefined) return false
  if (typeof member(member(oldObject, 'metadata'), 'deletionTimestamp') !== 'string') return false
  return isDeepStrictEqual(withoutFinalizers(object), withoutFinalizers(oldObject))
}

/** Fields of metadata that the API server or the removal itself changes. */
function withoutFinalizers(object: JsonObject): unknown {
  const { metadata, ...rest } = object
  const kept = Object.entries(isJsonObject(metadata) ? metadata : {}).filter(
    ([key]) => !['finalizers', 'resourceVersion', 'managedFields', 'generation'].includes(key)
  )
  return { ...rest, metadata: Object.fromEntries(kept) }
}
