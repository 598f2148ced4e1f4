import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { identify } from '../../evidence/identity.ts'
import type { Identity } from '../../evidence/identity.ts'
import { buildSubject } from '../subject/subject.ts'
import type { Requester, Subject } from '../subject/subject.ts'
import { readStrictJson } from './strict-json.ts'

/** A review that can be answered, or the client error it is answered with. */
export type DecodedReview =
  | {
      readonly kind: 'review'
      readonly uid: string
      readonly isDryRun: boolean
      /** Undefined for an operation that brings no object: DELETE and CONNECT. */
      readonly subject?: Subject
    }
  | { readonly kind: 'refused'; readonly reason: string }

/** The one version of AdmissionReview that is spoken. */
export const reviewVersion = 'admission.k8s.io/v1'

const maxUidCharacters = 128

class Refusal extends Error {}

/**
 * Reads an AdmissionReview (k8s.io/api admission/v1). What is missing or contradicts itself is
 * refused, never guessed: the API server then follows its failurePolicy.
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
    throw new Refusal(`the body is no AdmissionReview of ${reviewVersion}`)
  }
  const request = objectAt(review.request, 'request')
  const uid = textAt(request.uid, 'request.uid')
  if (uid === '' || uid.length > maxUidCharacters) {
    throw new Refusal(`request.uid has to be a text of 1 to ${maxUidCharacters} characters`)
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
      throw new Refusal('request.operation has to be CREATE, UPDATE, DELETE or CONNECT')
  }
}

function decodeSubject(request: JsonObject, operation: Subject['operation']): Subject {
  const object = objectAt(request.object, 'request.object')
  const { oldObject } = request
  if (operation === 'UPDATE' && !isJsonObject(oldObject)) {
    throw new Refusal('request.oldObject has to be an object for UPDATE')
  }
  const identity = identify(object)
  if (identity.group === '' && identity.kind === 'List') {
    throw new Refusal('request.object is a List, whose items are asked for one by one')
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

/** The API server sends none; what judges by one and admits the other would be fooled. */
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

// What was read from JSON inherits none of these names, so members are read as they stand.

function objectAt(value: JsonValue | undefined, field: string): JsonObject {
  if (isJsonObject(value)) return value
  throw new Refusal(`${field} has to be an object`)
}

function textAt(value: JsonValue | undefined, field: string): string {
  if (typeof value === 'string') return value
  throw new Refusal(`${field} has to be a text`)
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
