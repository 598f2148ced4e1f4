/** A kind of object as the API server's paths name it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
}

/** The object of a request, or all objects of a namespace (no name) or of the cluster (no namespace). */
export interface Target {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: 'status' | undefined
}

/** The path of all objects, or of those of a namespace: `/apis/mlgitops.io/v1alpha1/modelpolicies`. */
export function pathOf({ group, version, plural }: Resource, namespace?: string): string {
  return [
    group === '' ? '/api' : `/apis/${group}`,
    version,
    ...(namespace === undefined ? [] : ['namespaces', encodeURIComponent(namespace)]),
    plural
  ].join('/')
}

/** `modelpolicies.mlgitops.io`, and `namespaces` of the core group: as RBAC messages name it. */
export function resourceName({ group, plural }: Pick<Resource, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** Returns the target as messages name it: `modelreleases.mlgitops.io/status team/churn`. */
export function describeTarget(
  resource: Pick<Resource, 'group' | 'plural'>,
  {
    namespace,
    name,
    subresource
  }: Pick<Target, 'namespace' | 'name'> & {
    readonly subresource?: string | undefined
  }
): string {
  const kind = [resourceName(resource), subresource].filter(Boolean).join('/')
  return [kind, [namespace, name].filter(Boolean).join('/')].filter(Boolean).join(' ')
}

/** `mlgitops.io/v1alpha1`, and `v1` of the core group. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`
}
