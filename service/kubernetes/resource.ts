/** A kind of object as the API server's paths name it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
}

/** Which object, or which objects: without a name all of a namespace, without a namespace all. */
export interface Place {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

/** The path of a place: `/apis/mlgitops.io/v1alpha1/namespaces/prod/modelanalyses/churn/status`. */
export function pathOf(resource: Resource, { namespace, name, subresource }: Place): string {
  const { group, version, plural } = resource
  return [
    group === '' ? '/api' : `/apis/${group}`,
    version,
    ...(namespace === undefined ? [] : ['namespaces', encodeURIComponent(namespace)]),
    plural,
    ...(name === undefined ? [] : [encodeURIComponent(name)]),
    ...(subresource === undefined ? [] : [subresource])
  ].join('/')
}

/** `modelpolicies.mlgitops.io`, and `namespaces` of the core group: as RBAC messages call it. */
export function resourceName({ group, plural }: Pick<Resource, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** `mlgitops.io/v1alpha1`, and `v1` of the core group. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`
}
