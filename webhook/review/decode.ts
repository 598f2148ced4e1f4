import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { identify } from '../../evidence/identity.ts'
import type { Identity } from '../../evidence/identity.ts'
import { buildSubject } from '../subject/subject.ts'
import type { Requester, Subject } from '../subject/subject.ts'
import { readStrictJson } from './strict-json.ts'

/** A valid review, or the reason why it is refused with a client error. */
export type DecodedReview =
  | {
      readonly kind: 'review'
      readonly uid: string
      readonly isDryRun: boolean
      /** Undefined for operations without an object: DELETE and CONNECT. */
      readonly subject?: Subject
    }
  | { readonly kind: 'refused'; readonly reason: string }

/** The supported version of AdmissionReview. */
export const reviewVersion = 'admission.k8s.io/v1'

const maxUidCharacters = 128

class Refusal extends Error {}

/**
 * Reads an AdmissionReview (k8s.io/api admission/v1). Missing or contradictory fields are refused, never
 * guessed: the API server then applies its failurePolicy.
 */
export function decodeReview(body: Uint8Array): DecodedReview {
  const json = readStrictJson(body)
  if (json.kind === 'refused') return json
  try {
    return decode(json.value)
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', reason: error.message }
    throw error
  }
}

function decode(review: JsonObject): DecodedReview {
  if (review.kind !== 'AdmissionReview' || review.apiVersion !== reviewVersion) {
    throw new Refusal(`the body is not an AdmissionReview of ${reviewVersion}`)
  }
  const request = objectAt(review.request, 'request')
  const uid = textAt(request.uid, 'request.uid')
  if (uid === '' || uid.length > maxUidCharacters) {
    throw new Refusal(`request.uid must be a string of 1 to ${maxUidCharacters} characters`)
  }
  const isDryRun = request.dryRun === true
  const operation = textAt(request.operation, 'request.operation')
  switch (operation) {
    case 'CREATE':
    case 'UPDATE':
      return { kind: 'review', uid, isDryRun, subject: decodeSubject(request, operation) }
    case 'DELETE':
    case 'CONNECT':
      return { kind: 'review', uid, isDryRun }
    default:
      throw new Refusal('request.operation must be CREATE, UPDATE, DELETE or CONNECT')
  }
}

function decodeSubject(request: JsonObject, operation: Subject['operation']): Subject {
  const object = objectAt(request.object, 'request.object')
  const { oldObject } = request
  if (operation === 'UPDATE' && !isJsonObject(oldObject)) {
    throw new Refusal('request.oldObject must be an object for UPDATE')
  }
  const identity = identify(object)
  if (identity.group === '' && identity.kind === 'List') {
    throw new Refusal('request.object is a List; its items must be reviewed one by one')
  }
  const namespace = textOf(request.namespace)
  refuseContradiction(identity, objectAt(request.kind, 'request.kind'), namespace)
  const given = {
    object,
    identity: {
      group: identity.group,
      version: identity.version,
      kind: identity.kind,
      namespace,
      name: identity.name === '' ? textOf(request.name) : identity.name,
      generateName: identity.generateName
    },
    operation,
    subResource: textOf(request.subResource),
    requester: requesterOf(request.userInfo)
  }
  return buildSubject(isJsonObject(oldObject) ? { ...given, oldObject } : given)
}

/** The API server never sends contradictions; a webhook that judges by one side could be bypassed. */
function refuseContradiction(identity: Identity, kind: JsonObject, namespace: string): void {
  const isOfKind =
    kind.group === identity.group &&
    kind.version === identity.version &&
    kind.kind === identity.kind
  if (!isOfKind) {
    throw new Refusal('request.kind is not the kind of request.object')
  }
  if (identity.namespace !== '' && identity.namespace !== namespace) {
    throw new Refusal('request.namespace is not the namespace of request.object')
  }
}

function requesterOf(userInfo: JsonValue | undefined): Requester {
  const { username, groups } = isJsonObject(userInfo) ? userInfo : {}
  return {
    username: textOf(username),
    groups: isJsonArray(groups) ? groups.filter(group => typeof group === 'string') : []
  }
}

// Parsed JSON inherits none of these names, so members can be read directly.

function objectAt(value: JsonValue | undefined, field: string): JsonObject {
  if (isJsonObject(value)) return value
  throw new Refusal(`${field} must be an object`)
}

function textAt(value: JsonValue | undefined, field: string): string {
  if (typeof value === 'string') return value
  throw new Refusal(`${field} must be a string`)
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
