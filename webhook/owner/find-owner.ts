import { member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { identify } from '../../evidence/identity.ts'
import { verifyAttestation } from '../subject/attestation.ts'
import { buildSubject } from '../subject/subject.ts'
import type { Subject } from '../subject/subject.ts'
import type { Admitted } from './admitted.ts'
import { admittedWith } from './admitted-with.ts'
import { controllerReferenceOf } from './controller-reference.ts'
import { ownerKindOf } from './owner-kind.ts'
import type { OwnerSearch } from './owner-search.ts'

/** The nearest attested owner of an object, or why there is none. */
export type FoundOwner =
  | { readonly kind: 'attested'; readonly admitted: Admitted }
  /** No owner is attested; the reason is a clause that follows "because". */
  | { readonly kind: 'none'; readonly reason: string }
  /** The API server did not give an owner or a template: a later attempt can succeed. */
  | { readonly kind: 'unreadable'; readonly reason: string }

/**
 * Pod -> TaskRun -> PipelineRun are two. The deepest that are known have five: KServe on Knative (Pod ->
 * ReplicaSet and Deployment -> Revision -> Configuration -> Service -> InferenceService), and a worker of a
 * LeaderWorkerSet that KServe makes (Pod -> StatefulSet -> Pod -> StatefulSet -> LeaderWorkerSet ->
 * LLMInferenceService).
 */
const maxLevels = 5

/**
 * Follows controller references, each checked by its uid, to the nearest owner whose attestation was made
 * for it and is signed by a trusted key. Copies of an attestation, as Tekton makes them, do not count.
 *
 * @param object the new object
 * @param oldObject the object as it is in the cluster, which counts as its own nearest owner
 */
export async function findOwner(
  {
    object,
    oldObject,
    identity: { namespace }
  }: Pick<Subject, 'object' | 'oldObject' | 'identity'>,
  search: OwnerSearch
): Promise<FoundOwner> {
  const passed: string[] = []
  const groups = new Set([identify(object).group])
  if (oldObject !== undefined) {
    const owner = nameOf(oldObject, namespace)
    const found = await attestedOwner(oldObject, { owner, namespace, groups }, search)
    if (found !== undefined) return found
  }
  let child = object
  if (oldObject !== undefined && controllerReferenceOf(oldObject) !== undefined) child = oldObject
  for (let levels = 0; levels < maxLevels;) {
    const read = await readOwner(child, namespace, search)
    if (read.kind !== 'found') {
      if (read.kind === 'unreadable' || passed.length === 0) return read
      return {
        kind: 'none',
        reason: `${passed.join(' of ')} has no attested owner: ${read.reason}`
      }
    }
    const owner = nameOf(read.object, namespace)
    groups.add(identify(read.object).group)
    const found = await attestedOwner(read.object, { owner, namespace, groups }, search)
    if (found !== undefined) return found
    passed.push(owner)
    child = read.object
    if (!isRevision(child)) levels += 1
  }
  return {
    kind: 'none',
    reason: `none of its ${passed.length} owners is attested: ${passed.join(', ')}`
  }
}

/** A ReplicaSet counts together with the Deployment that made it. */
function isRevision(object: JsonObject): boolean {
  const owner = controllerReferenceOf(object)
  const isOfDeployment = owner?.group === 'apps' && owner.kind === 'Deployment'
  const { group, kind } = identify(object)
  return isOfDeployment && group === 'apps' && kind === 'ReplicaSet'
}

type OwnerRead =
  | { readonly kind: 'found'; readonly object: JsonObject }
  | Extract<FoundOwner, { readonly kind: 'none' | 'unreadable' }>

async function readOwner(
  child: JsonObject,
  namespace: string,
  { source, freshness }: OwnerSearch
): Promise<OwnerRead> {
  const reference = controllerReferenceOf(child)
  if (reference === undefined) {
    return { kind: 'none', reason: 'it is not attested and nothing owns it' }
  }
  const { group, version, kind, name, uid } = reference
  const known = ownerKindOf(group, kind)
  const owner = `${kind} ${namespace}/${name}`
  if (known === undefined || namespace === '') {
    return { kind: 'none', reason: `the owner ${owner} is of a kind that is not followed` }
  }
  const target = { kind: { ...known, version }, namespace, name }
  const isOwner = (object: JsonObject) => stringMember(object.metadata, 'uid') === uid
  let read = await source.get(target, freshness)
  if (
    freshness === 'recent' &&
    (read.kind === 'missing' || (read.kind === 'found' && !isOwner(read.object)))
  ) {
    read = await source.get(target, 'live')
  }
  switch (read.kind) {
    case 'unreadable':
      return { kind: 'unreadable', reason: `cannot read the owner ${owner}: ${read.reason}` }
    case 'missing':
      return { kind: 'none', reason: `the owner ${owner} does not exist` }
    case 'found':
      if (isOwner(read.object)) return read
      return { kind: 'none', reason: `another object has the name of the owner ${owner}` }
  }
}

/** The owner as it was admitted, if it is attested itself. */
async function attestedOwner(
  object: JsonObject,
  {
    owner,
    namespace,
    groups
  }: Pick<Parameters<typeof admittedWith>[1], 'owner' | 'namespace' | 'groups'>,
  search: OwnerSearch
): Promise<Exclude<FoundOwner, { readonly kind: 'none' }> | undefined> {
  const identity = { ...identify(object), namespace }
  const admittedObject = withoutStatus(object)
  const subject = buildSubject({
    object: admittedObject,
    identity,
    operation: 'CREATE',
    subResource: ''
  })
  const attestation = verifyAttestation(subject, search.trustedKeys, creationOf(object, search.now))
  if (attestation.kind === 'refused') return undefined
  const { keyId, version, facts } = attestation
  const admitted = await admittedWith(
    admittedObject,
    { owner, subject, keyId, version, facts, namespace, groups },
    search
  )
  return admitted.kind === 'unreadable' ? admitted : { kind: 'attested', admitted }
}

/**
 * A key that ended after an owner was created does not stop what the owner makes: the owner itself keeps
 * running. The API server sets the time of creation, and an update with another attestation was judged.
 */
function creationOf(object: JsonObject, now: Date): Date {
  const created = new Date(stringMember(member(object, 'metadata'), 'creationTimestamp') ?? '')
  return created < now ? created : now
}

/** What an operator writes into a status was not there when its object was admitted. */
function withoutStatus(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== 'status'))
}

function nameOf(object: JsonObject, namespace: string): string {
  const { kind, name } = identify(object)
  return `${kind} ${namespace}/${name}`
}
