import type { WorkloadKind, WorkloadPlaces, WorkloadRole } from './kind.ts'

/** Rows of a group's namespaced kinds. */
export function namespaced(
  group: string,
  role: WorkloadRole,
  kinds: Readonly<Record<string, WorkloadPlaces>>
): WorkloadKind[] {
  return Object.entries(kinds).map(([kind, places]) => {
    return { group, kind, role, scope: 'namespaced', ...places }
  })
}

/** A row for the cluster-scoped `group/Kind`. */
export function clusterWide(
  groupAndKind: `${string}/${string}`,
  role: WorkloadRole,
  places: WorkloadPlaces
): WorkloadKind {
  const [group = '', kind = ''] = groupAndKind.split('/')
  return { group, kind, role, scope: 'cluster', ...places }
}
