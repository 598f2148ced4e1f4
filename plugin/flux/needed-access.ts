import { secrets } from '../../service/certificates/secret-store.ts'
import type { Access } from '../../service/kubernetes/access.ts'
import { leases } from '../../service/kubernetes/leader-election.ts'
import { configMaps, externalArtifacts, modelReleases, sources } from './resources.ts'
import type { ServeFluxChoices } from './serve-options.ts'

const events = { group: '', plural: 'events' }

/** The permissions that the controller needs. manifests/flux/rbac.yaml grants them. */
export function neededAccess({
  namespaces,
  configSelector,
  lease
}: Pick<ServeFluxChoices, 'namespaces' | 'configSelector' | 'lease'>): readonly Access[] {
  const needed = configSelector === undefined ? inNamespace : [...inNamespace, ...ofConfigs]
  const everywhere = (namespaces ?? [undefined]).flatMap(namespace =>
    needed.map(access => ({ ...access, namespace }))
  )
  if (lease === undefined) return everywhere
  const { namespace, name } = lease
  return [
    ...everywhere,
    { resource: leases, verbs: ['create'], namespace },
    { resource: leases, verbs: ['get', 'update'], namespace, name }
  ]
}

const { GitRepository, OCIRepository, Bucket } = sources

const inNamespace: readonly Access[] = [
  { resource: modelReleases, verbs: ['list', 'watch', 'patch'] },
  { resource: modelReleases, subresource: 'status', verbs: ['patch'] },
  ...[GitRepository, OCIRepository, Bucket].map(resource => ({
    resource,
    verbs: ['list', 'watch']
  })),
  { resource: externalArtifacts, verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { resource: externalArtifacts, subresource: 'status', verbs: ['patch'] },
  { resource: configMaps, verbs: ['get'] },
  { resource: secrets, verbs: ['get'] },
  { resource: events, verbs: ['create'] }
]

const ofConfigs: readonly Access[] = [configMaps, secrets].map(resource => ({
  resource,
  verbs: ['list', 'watch']
}))
