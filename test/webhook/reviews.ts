import type { JsonObject, JsonValue } from '../../common/json.ts'
import { identify } from '../../evidence/identity.ts'

/** What of a review differs from that of a Job's creation. */
export interface Asked {
  readonly operation?: string
  readonly subResource?: string
  readonly oldObject?: JsonValue
  readonly request?: JsonObject
}

/** The review in which the API server asks for `object`. */
export function reviewOf(object: JsonObject, asked: Asked = {}): JsonObject {
  const { operation = 'CREATE', subResource, oldObject = null, request = {} } = asked
  const { group, version, kind: kindName } = identify(object)
  const { namespace = '', name = '' } = object.metadata as JsonObject
  const kind = { group, version, kind: kindName }
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind,
      resource: { group: kind.group, version: kind.version, resource: 'any' },
      requestKind: kind,
      ...(subResource === undefined ? {} : { subResource }),
      name,
      namespace,
      operation,
      userInfo: { username: 'jane', groups: ['system:authenticated'] },
      object,
      oldObject,
      dryRun: false,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
      ...request
    }
  }
}

export const reviewUid = '705ab4f5-6393-11e8-b7cc-42010a800002'

export function bytes(value: JsonValue | string): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
}
