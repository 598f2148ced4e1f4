import { secrets } from '../../service/certificates/secret-store.ts'
import { webhookConfigurations } from '../../service/certificates/webhook-bundle-store.ts'
import type { Access } from '../../service/kubernetes/access.ts'
import type { ServeChoices } from '../serve-options.ts'
import { modelPolicies, namespaces, policyExceptions } from './resources.ts'

const read = ['list', 'watch']

/** The access that a webhook with these choices needs, as in manifests/webhook/rbac.yaml. */
export function neededAccess({
  policies,
  certificates
}: Pick<ServeChoices, 'policies' | 'certificates'>): readonly Access[] {
  return [
    ...(policies === undefined ? policyAccess : []),
    ...(certificates.kind === 'own' ? certificateAccess(certificates) : [])
  ]
}

const policyAccess: readonly Access[] = [
  { resource: modelPolicies, verbs: read },
  { resource: policyExceptions, verbs: read },
  { resource: namespaces, verbs: read },
  { resource: modelPolicies, subresource: 'status', verbs: ['patch'] },
  { resource: policyExceptions, subresource: 'status', verbs: ['patch'] }
]

function certificateAccess({
  secret,
  configuration
}: Extract<ServeChoices['certificates'], { readonly kind: 'own' }>): readonly Access[] {
  return [
    { resource: secrets, verbs: ['get', 'update'], ...secret },
    ...(configuration === undefined
      ? []
      : [{ resource: webhookConfigurations, verbs: ['get', 'patch'], name: configuration }])
  ]
}
