import type { Resource } from '../../service/kubernetes/resource.ts'

const ours = { group: 'mlgitops.io', version: 'v1alpha1' }

export const modelPolicies: Resource = { ...ours, plural: 'modelpolicies', kind: 'ModelPolicy' }

export const policyExceptions: Resource = {
  ...ours,
  plural: 'policyexceptions',
  kind: 'PolicyException'
}

export const namespaces: Resource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace'
}
