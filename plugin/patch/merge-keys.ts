import { isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** Where a list is in an object. */
export interface ListPlace {
  /** The whole object, which has its kind. */
  readonly object: JsonObject
  /** The names of the fields on the way to the list; indices are left out. */
  readonly path: readonly string[]
  /** Whether the object around the list has a list of containers, or its patch has. */
  readonly isInPodSpec: boolean
}

/** Lists of the objects below a field, with their merge keys, by the field's name. */
type Keys = Readonly<Record<string, string>>

const containerLists = new Set(['containers', 'initContainers', 'ephemeralContainers'])
const ofContainer: Keys = {
  ports: 'containerPort',
  env: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath'
}
const ofPodSpec: Keys = {
  volumes: 'name',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  schedulingGates: 'name',
  resourceClaims: 'name'
}
/** Lists of single kinds, by kind and path. */
const ofKind: Readonly<Record<string, Keys>> = {
  Service: { 'spec.ports': 'port' },
  ServiceAccount: { secrets: 'name' },
  MutatingWebhookConfiguration: { webhooks: 'name', 'webhooks.matchConditions': 'name' },
  ValidatingWebhookConfiguration: { webhooks: 'name', 'webhooks.matchConditions': 'name' },
  ValidatingAdmissionPolicy: { 'spec.matchConditions': 'name', 'spec.variables': 'name' },
  MutatingAdmissionPolicy: { 'spec.matchConditions': 'name' },
  CSINode: { 'spec.drivers': 'name' },
  Node: { 'status.addresses': 'type' },
  Pod: { 'status.podIPs': 'ip', 'status.hostIPs': 'ip', 'status.resourceClaimStatuses': 'name' },
  ResourceClaim: { 'status.reservedFor': 'uid' }
}

/**
 * The merge key that Kubernetes declares for a list; undefined if it declares none. Containers and their
 * lists, and those of a pod spec, count at any depth, in a TFJob as in a Deployment.
 * Source: patchMergeKey in k8s.io/api (core/v1, apps/v1, admissionregistration/v1 and others) 1.37.
 */
export function declaredMergeKey(place: ListPlace): string | undefined {
  const field = place.path.at(-1) ?? ''
  const parent = place.path.at(-2) ?? ''
  if (containerLists.has(field)) return 'name'
  if (containerLists.has(parent)) return own(ofContainer, field)
  if (field === 'ownerReferences' && parent === 'metadata') return 'uid'
  if (isInPodSpec(place)) return own(ofPodSpec, field)
  return isBuiltIn(place.object) ? keyOfKind(place) : undefined
}

function keyOfKind({ object, path }: ListPlace): string | undefined {
  const place = path.join('.')
  if (place === 'status.conditions') return 'type'
  return own(own(ofKind, stringMember(object, 'kind') ?? '') ?? {}, place)
}

function isInPodSpec({ isInPodSpec, object, path }: ListPlace): boolean {
  return isInPodSpec || (isBuiltIn(object) && isPodSpecPath(object, path.slice(0, -1)))
}

function isPodSpecPath(object: JsonObject, path: readonly string[]): boolean {
  if (path.at(-1) !== 'spec') return false
  return path.at(-2) === 'template' || (path.length === 1 && object.kind === 'Pod')
}

/** Groups of Kubernetes itself have no dot, or end with .k8s.io. */
function isBuiltIn(object: JsonObject): boolean {
  const apiVersion = stringMember(object, 'apiVersion') ?? ''
  return /^(?:[^./]*\/|[^/]*\.k8s\.io\/)?[^/]*$/.test(apiVersion)
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** Names of lists that custom kinds take over from Kubernetes, and the keys that they can have. */
const usualKeys: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.entries({ ...ofContainer, ...ofPodSpec }).map(([k, v]) => [k, [v]])),
  ports: ['containerPort', 'port'],
  conditions: ['type'],
  secrets: ['name']
}

/**
 * The key by which a list without a declared one merges: the usual key of its name, if all items have it.
 * The pull secrets of a ServiceAccount are replaced, as Kubernetes does.
 */
export function usualMergeKey(
  { path }: ListPlace,
  items: readonly JsonValue[]
): string | undefined {
  if (path.length === 1 && path[0] === 'imagePullSecrets') return undefined
  const keys = own(usualKeys, path.at(-1) ?? '') ?? []
  return keys.find(key =>
    items.every(item => isJsonObject(item) && member(item, key) !== undefined)
  )
}

/** Whether Kubernetes joins a list of scalars instead of replacing it. */
export function isJoinedList({ object, path }: Pick<ListPlace, 'object' | 'path'>): boolean {
  if (path.at(-1) === 'finalizers') return path.at(-2) === 'metadata'
  return path.join('.') === 'spec.podCIDRs' && object.kind === 'Node' && isBuiltIn(object)
}
