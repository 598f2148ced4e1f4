/**
 * The lists that Kubernetes merges by key: their field names, with the keys in order of preference. They
 * are those of the pod spec and a few other core types. The names are unique enough for a pod spec at any
 * depth, in a TFJob as in a Deployment.
 * Source: x-kubernetes-patch-merge-key in k8s.io/api (core/v1, apps/v1, batch/v1) 1.37.
 */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey'],
  schedulingGates: ['name'],
  resourceClaims: ['name'],
  ports: ['containerPort', 'port'],
  conditions: ['type'],
  secrets: ['name'],
  ownerReferences: ['uid']
}

/** Lists of scalars that Kubernetes joins instead of replacing. */
const joinedLists = new Set(['finalizers'])

/** The key by which lists named `field` merge: the first for which `hasKey` is true. */
export function mergeKeyOf(field: string, hasKey: (key: string) => boolean): string | undefined {
  return Object.hasOwn(mergeKeys, field) ? mergeKeys[field]?.find(hasKey) : undefined
}

/** Whether two lists of scalars named `field` are joined. */
export function isJoinedList(field: string): boolean {
  return joinedLists.has(field)
}
