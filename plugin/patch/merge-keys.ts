/**
 * The lists that Kubernetes merges by key, by field name, with their keys in order of preference.
 * They are the pod spec's and the few others of the core kinds; names are unique enough that the
 * table holds wherever a pod spec stands, in a TFJob as in a Deployment.
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

/** Lists of plain values that Kubernetes joins instead of replacing. */
const joinedLists = new Set(['finalizers'])

/** The key by which the lists called `field` merge, if every item of both lists has it. */
export function mergeKeyOf(field: string, hasKey: (key: string) => boolean): string | undefined {
  return Object.hasOwn(mergeKeys, field) ? mergeKeys[field]?.find(hasKey) : undefined
}

/** Whether two lists of plain values called `field` are joined. */
export function isJoinedList(field: string): boolean {
  return joinedLists.has(field)
}
