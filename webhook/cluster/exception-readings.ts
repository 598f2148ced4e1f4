import type { Fault } from '../../common/fault.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import { objectFault } from '../../service/kubernetes/object-fault.ts'
import { readException } from '../policy/policy-exception.ts'
import type { PolicyException } from '../policy/policy-exception.ts'

/** A PolicyException of the cluster, with whether it is accepted. */
export type ExceptionReading =
  | { readonly kind: 'accepted'; readonly object: ApiObject; readonly exception: PolicyException }
  /** It has no effect, even if an older version was valid. */
  | { readonly kind: 'invalid'; readonly object: ApiObject; readonly fault: Fault }
  /** Anyone could create one in their own namespace (CVE-2024-48921). */
  | { readonly kind: 'namespace-not-allowed'; readonly object: ApiObject }

/** Reads exceptions. Those in one of `namespaces` are accepted. */
export function readExceptions(
  objects: readonly ApiObject[],
  namespaces: readonly string[]
): readonly ExceptionReading[] {
  return objects.map(object => {
    if (!namespaces.includes(object.namespace)) return { kind: 'namespace-not-allowed', object }
    const where = `policyexception ${object.namespace}/${object.name}`
    try {
      return { kind: 'accepted', object, exception: readException(object.body, where) }
    } catch (error) {
      return { kind: 'invalid', object, fault: objectFault(error, where) }
    }
  })
}
