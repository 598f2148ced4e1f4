import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { identify } from '../../evidence/identity.ts'
import type { Identity } from '../../evidence/identity.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import type { Workload } from '../../evidence/workload/inspect.ts'

/** Who asks, as the API server says it. */
export interface Requester {
  readonly username: string
  readonly groups: readonly string[]
}

/** What is judged: one object on its way into the cluster. */
export interface Subject {
  readonly object: JsonObject
  /** The object as it stands in the cluster, for an update. */
  readonly oldObject?: JsonObject
  /** The namespace is the request's, which the object may leave out. */
  readonly identity: Identity
  readonly operation: 'CREATE' | 'UPDATE'
  /** `ephemeralcontainers`, `resize`; empty for the object itself. */
  readonly subResource: string
  /** Undefined offline. */
  readonly requester?: Requester
  /** What it runs; undefined for a kind that runs nothing. */
  readonly workload?: Workload
  /** What was computed of it already: once-per-subject.ts. */
  readonly computed: (object | undefined)[]
}

/** A subject of `mlgitops check`: a manifest that is not in a cluster yet. */
export function subjectOfManifest(object: JsonObject): Subject {
  return buildSubject({ object, identity: identify(object), operation: 'CREATE', subResource: '' })
}

/** Completes a subject with what its object runs. */
export function buildSubject(subject: Omit<Subject, 'workload' | 'computed'>): Subject {
  const workload = inspectWorkload(subject.object)
  const computed: Subject['computed'] = []
  return workload === undefined ? { ...subject, computed } : { ...subject, workload, computed }
}

/** An annotation of the object. */
export function annotationOf({ object }: Pick<Subject, 'object'>, key: string): string | undefined {
  const { metadata } = object
  return isJsonObject(metadata) ? stringMember(metadata.annotations, key) : undefined
}

/** Whether the object has an owner that controls it; anyone can write that into an object. */
export function hasController({ object }: Pick<Subject, 'object'>): boolean {
  const { metadata } = object
  const owners = isJsonObject(metadata) ? metadata.ownerReferences : undefined
  if (!isJsonArray(owners)) return false
  return owners.some(owner => isJsonObject(owner) && member(owner, 'controller') === true)
}
