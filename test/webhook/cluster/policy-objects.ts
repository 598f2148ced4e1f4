import type { JsonObject } from '../../../common/json.ts'
import { calmTimes, modelPolicies, namespaces } from '../../service/kubernetes/served.ts'
import type { ServedResource } from '../../service/kubernetes/fake-storage.ts'

export const policyExceptions: ServedResource = {
  group: 'mlgitops.io',
  version: 'v1alpha1',
  plural: 'policyexceptions',
  kind: 'PolicyException',
  isNamespaced: true
}

/** What a webhook reads of a cluster. */
export const served = [modelPolicies, policyExceptions, namespaces]

export { calmTimes }

/** A ModelPolicy that requires a label, or has these rules. */
export function policyObject(
  name: string,
  more: {
    readonly rules?: readonly JsonObject[]
    readonly spec?: JsonObject
    readonly set?: string
  } = {}
): JsonObject {
  const rules = more.rules ?? [{ labels: { required: [{ key: 'team' }] } }]
  const labels = more.set === undefined ? {} : { 'mlgitops.io/policy-set': more.set }
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name, labels },
    spec: { validationActions: ['Deny'], rules, ...more.spec }
  }
}

/** Rules that no CRD can refuse and no policy can use. */
export const unusableRules = [{ schema: { schema: { type: 'nonsense' } } }]

/** A PolicyException for the Job `train` in `ml`. */
export function exceptionObject(namespace: string, more: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'PolicyException',
    metadata: { name: 'let-train', namespace },
    spec: {
      policies: [{ name: 'team' }],
      objects: [{ kinds: ['Job'], namespaces: ['ml'], names: ['train'] }],
      reason: 'until the labels exist',
      expiresAt: '2027-01-31T00:00:00Z',
      ...more
    }
  }
}
