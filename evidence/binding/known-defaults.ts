import { member, stringifyJson, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { memoize } from '../../common/memoize.ts'
import { crdDefaults } from './crd-defaults.generated.js'
import { embeddedDefaults } from './known-defaults-custom.ts'
import type { Segment } from './place.ts'
import { coreGroups } from './running-paths.ts'

/** A default, or how it is computed from the object that holds it. */
export type Default = JsonValue | ((holder: JsonObject) => JsonValue | undefined)

interface KindName {
  readonly group: string
  readonly kind: string
}

const containers: Readonly<Record<string, Default>> = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: pullPolicyOf
}
const probe: Readonly<Record<string, Default>> = {
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3
}
const files = { defaultMode: 0o644 }
const podSpec: Readonly<Record<string, Default>> = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler'
}
const podConditions = { 'podFailurePolicy.rules.onPodConditions.status': 'True' }
const jobSpec: Readonly<Record<string, Default>> = {
  parallelism: 1,
  backoffLimit: holder => (Object.hasOwn(holder, 'backoffLimitPerIndex') ? 2_147_483_647 : 6),
  completionMode: 'NonIndexed',
  suspend: false,
  manualSelector: false,
  podReplacementPolicy: holder =>
    Object.hasOwn(holder, 'podFailurePolicy') ? 'Failed' : 'TerminatingOrFailed',
  ...podConditions
}
const replicated: Readonly<Record<string, Default>> = { replicas: 1, revisionHistoryLimit: 10 }

/** Defaults in a pod spec, by the member that holds the object (pkg/apis/core/v1/defaults.go). */
const inPods: Readonly<Record<string, Readonly<Record<string, Default>>>> = {
  containers,
  initContainers: containers,
  ephemeralContainers: containers,
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  grpc: { service: '' },
  httpGet: { path: '/', scheme: 'HTTP', protocol: 'HTTP1' },
  ports: { protocol: 'TCP' },
  fieldRef: { apiVersion: 'v1' },
  fileKeyRef: { optional: false },
  resourceFieldRef: { divisor: '0' },
  serviceAccountToken: { expirationSeconds: 3600 },
  configMap: files,
  secret: files,
  downwardAPI: files,
  projected: files,
  image: { pullPolicy: holder => pullPolicyOf({ image: stringMember(holder, 'reference') ?? '' }) },
  spec: { volumeMode: 'Filesystem' },
  azureDisk: { cachingMode: 'ReadWrite', fsType: 'ext4', kind: 'Shared', readOnly: false },
  iscsi: { iscsiInterface: 'default' },
  rbd: { keyring: '/etc/ceph/keyring', pool: 'rbd', user: 'admin' },
  scaleIO: { fsType: 'xfs', storageMode: 'ThinProvisioned' }
}

/** Defaults of a kind's own fields, by `GROUP/KIND` and then the path without indices. */
const ofKinds: Readonly<Record<string, Readonly<Record<string, Default>>>> = {
  '/Pod': at('spec', { enableServiceLinks: true }),
  '/ReplicationController': at('spec', {
    replicas: 1,
    selector: holder => member(member(member(holder, 'template'), 'metadata'), 'labels')
  }),
  'apps/ReplicaSet': at('spec', { replicas: 1 }),
  'apps/Deployment': at('spec', {
    ...replicated,
    progressDeadlineSeconds: 600,
    'strategy.type': 'RollingUpdate',
    'strategy.rollingUpdate.maxSurge': '25%',
    'strategy.rollingUpdate.maxUnavailable': '25%'
  }),
  'apps/StatefulSet': at('spec', {
    ...replicated,
    podManagementPolicy: 'OrderedReady',
    'updateStrategy.type': 'RollingUpdate',
    'updateStrategy.rollingUpdate.partition': 0,
    'updateStrategy.rollingUpdate.maxUnavailable': 1,
    'persistentVolumeClaimRetentionPolicy.whenDeleted': 'Retain',
    'persistentVolumeClaimRetentionPolicy.whenScaled': 'Retain',
    'volumeClaimTemplates.apiVersion': 'v1',
    'volumeClaimTemplates.kind': 'PersistentVolumeClaim',
    'volumeClaimTemplates.spec.volumeMode': 'Filesystem',
    'volumeClaimTemplates.status.phase': 'Pending'
  }),
  'apps/DaemonSet': at('spec', {
    revisionHistoryLimit: 10,
    'updateStrategy.type': 'RollingUpdate',
    'updateStrategy.rollingUpdate.maxUnavailable': 1,
    'updateStrategy.rollingUpdate.maxSurge': 0
  }),
  'batch/Job': at('spec', jobSpec),
  'batch/CronJob': {
    ...at('spec', {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1
    }),
    // The other defaults are set in its Jobs, and not here.
    ...at('spec.jobTemplate.spec', podConditions)
  }
}

/** Where the pod spec of a kind is. */
const pods: Readonly<Record<string, string>> = {
  '/Pod': 'spec',
  '/PodTemplate': 'template.spec',
  'batch/CronJob': 'spec.jobTemplate.spec.template.spec'
}

function at(path: string, defaults: Readonly<Record<string, Default>>): Record<string, Default> {
  const entries = Object.entries(defaults)
  return Object.fromEntries(entries.map(([key, value]) => [`${path}.${key}`, value]))
}

/**
 * True if the API server (core kinds) or the kind's own CRD sets `value` at `path`, from the object's root,
 * where a manifest leaves it out. `parent` is the object that holds the member.
 */
export function isKnownDefault(
  kind: KindName,
  path: readonly Segment[],
  value: JsonValue,
  parent: JsonObject
): boolean {
  const names = path.filter(segment => typeof segment === 'string')
  return isDefaultValue(knownDefaultsAt(kind, names), value, parent)
}

/** Returns the defaults that a member can get, of which its CRDs can have several; empty for none. */
export function knownDefaultsAt(
  { group, kind }: KindName,
  names: readonly string[]
): readonly Default[] {
  const type = `${group}/${kind}`
  return coreGroups.has(group) ? coreDefaults(type, names) : customDefaults(type, names)
}

/** Whether a value is one of the defaults, in the object that holds it. */
export function isDefaultValue(
  known: readonly Default[],
  value: JsonValue,
  holder: JsonObject
): boolean {
  return known.some(each => isValue(each, value, holder))
}

/** Names are chosen by whoever writes the object: `constructor` is none of ours. */
function own<Value>(record: Readonly<Record<string, Value>> | undefined, name: string) {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}

function coreDefaults(type: string, names: readonly string[]): readonly Default[] {
  const known = coreDefault(type, names)
  return known === undefined ? [] : [known]
}

function coreDefault(type: string, names: readonly string[]): Default | undefined {
  const path = names.join('.')
  const ofKind = own(own(ofKinds, type), path)
  if (ofKind !== undefined) return ofKind
  const pod = own(pods, type) ?? 'spec.template.spec'
  if (!path.startsWith(`${pod}.`)) return undefined
  const name = names.at(-1) ?? ''
  return path === `${pod}.${name}` ? own(podSpec, name) : own(own(inPods, names.at(-2) ?? ''), name)
}

function customDefaults(type: string, names: readonly string[]): readonly JsonValue[] {
  const declared = own(own(crdDefaults, type), names.join('.')) ?? []
  const embedded = own(own(embeddedDefaults, names.at(-2) ?? ''), names.at(-1) ?? '')
  return embedded === undefined ? declared : [...declared, embedded]
}

function isValue(known: Default, value: JsonValue, holder: JsonObject): boolean {
  const expected = typeof known === 'function' ? known(holder) : known
  if (value === expected || typeof value !== 'object') return value === expected
  return expected !== undefined && sorted(value) === sorted(expected)
}

function sorted(value: JsonValue): string {
  return stringifyJson(value, { sortKeys: true })
}

/** An image without a tag, or with `latest`, is always pulled (SetDefaults_Container). */
function pullPolicyOf(holder: JsonObject): JsonValue {
  return isAlwaysPulled(stringMember(holder, 'image') ?? '') ? 'Always' : 'IfNotPresent'
}

const isAlwaysPulled = memoize(
  image => {
    const [name = '', digest] = image.split('@')
    const [, tag] = /:([^:/]+)$/.exec(name) ?? []
    return tag === undefined ? digest === undefined : tag === 'latest'
  },
  { maxTexts: 4_096, maxCharacters: 512 }
)
