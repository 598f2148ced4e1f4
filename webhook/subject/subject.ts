import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { identify } from '../../evidence/identity.ts'
import type { Identity } from '../../evidence/identity.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import type { Workload } from '../../evidence/workload/workload.ts'

/** The user of the request, as the API server reports it. */
export interface Requester {
  readonly username: string
  readonly groups: readonly string[]
}

/** The object of a review, as rules see it. */
export interface Subject {
  readonly object: JsonObject
  /** The object in the cluster, for an update. */
  readonly oldObject?: JsonObject
  /** The namespace is the request's; the object can omit it. */
  readonly identity: Identity
  readonly operation: 'CREATE' | 'UPDATE'
  /** `ephemeralcontainers`, `resize`; empty for the object itself. */
  readonly subResource: string
  /** Undefined in `mlgitops check`. */
  readonly requester?: Requester
  /** True if an attestation for no namespace will do, because the caller asks before a namespace is chosen. */
  readonly isUnplaced?: boolean
  /** What the object runs; undefined for a kind outside of the workload table. */
  readonly workload?: Workload
  /** Memoized values, see once-per-subject.ts. */
  readonly computed: (object | undefined)[]
}

/** Returns the subject of a manifest that is not in a cluster yet, for `mlgitops check`. */
export function subjectOfManifest(object: JsonObject, isUnplaced = false): Subject {
  const identity = identify(object)
  return buildSubject({ object, identity, operation: 'CREATE', subResource: '', isUnplaced })
}

/** Adds to a subject what its object runs. */
export function buildSubject(subject: Omit<Subject, 'workload' | 'computed'>): Subject {
  const workload = inspectWorkload(subject.object, subject.oldObject)
  const computed: Subject['computed'] = []
  return workload === undefined ? { ...subject, computed } : { ...subject, workload, computed }
}

/** Returns an annotation of the object. */
export function annotationOf({ object }: Pick<Subject, 'object'>, key: string): string | undefined {
  const { metadata } = object
  return isJsonObject(metadata) ? stringMember(metadata.annotations, key) : undefined
}

/** Returns the prefix of which the API server generated the object's name, or will. */
export function generateNameOf({ object }: Pick<Subject, 'object'>): string | undefined {
  const { metadata } = object
  return isJsonObject(metadata) ? stringMember(metadata, 'generateName') : undefined
}

/** True when the object has a controller reference, which anyone can write. */
export function hasController({ object }: Pick<Subject, 'object'>): boolean {
  const { metadata } = object
  const owners = isJsonObject(metadata) ? metadata.ownerReferences : undefined
  if (!isJsonArray(owners)) return false
  return owners.some(owner => isJsonObject(owner) && member(owner, 'controller') === true)
}
