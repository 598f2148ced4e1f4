import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { Place } from './place.ts'

/**
 * Whether a field does not decide what is executed, with what rights and on what: how many, when, where
 * and with how much. A field is known by its name and by a form that can hold nothing else; any other
 * field counts.
 */
export function isImmaterial(place: Place): boolean {
  const { key, parent, found } = place
  if (typeof key !== 'string') return false
  if (parent?.key === 'annotations') return !key.startsWith(appArmor) && isScalar(found ?? null)
  const hasForm = forms.get(key)
  if (hasForm === undefined || isChosen(parent)) return false
  const isGone = found === undefined || found === null
  return isGone ? mayGo(key, place) : hasForm(found, place)
}

/** Without its policy, an image that a node has is not pulled again; without a profile, a container is free. */
function mayGo(key: string, place: Place): boolean {
  if (key === 'annotations') return isAnnotations({}, place)
  if (key === 'restartPolicy') return typeof place.parent?.key !== 'number'
  return key !== 'imagePullPolicy'
}

/** Whether the keys of a map are its author's, so that a key says nothing about the value. */
function isChosen(holder: Place | undefined): boolean {
  return typeof holder?.key === 'string' && maps.has(holder.key)
}

const maps: ReadonlySet<string> = new Set([
  ...['env', 'envVars', 'args', 'arguments', 'config', 'configuration', 'data', 'parameters'],
  ...['params', 'sparkConf', 'hadoopConf', 'rayStartParams', 'plugins', 'options'],
  ...['parameterValues', 'runtimeParameters', 'matchLabels', 'nodeSelector'],
  ...['executors', 'tasks', 'nodes', 'components', 'labels', 'annotations']
])

type Form = (found: JsonValue, place: Place) => boolean

function isScalar(value: JsonValue): boolean {
  return typeof value !== 'object' || value === null
}

function isScalarList(value: JsonValue): boolean {
  return isJsonArray(value) && value.every(isScalar)
}

function isScalarMap(value: JsonValue): boolean {
  return isJsonObject(value) && Object.values(value).every(isScalar)
}

/** An object without other members than these. */
function objectOf(...names: readonly string[]): (value: JsonValue) => boolean {
  return value => isJsonObject(value) && Object.keys(value).every(name => names.includes(name))
}

/** A list of objects without other members than these. */
function listOf(...names: readonly string[]): (value: JsonValue) => boolean {
  const isItem = objectOf(...names)
  return value => isJsonArray(value) && value.every(isItem)
}

const isAmounts = objectOf('requests', 'limits')

/** Amounts of resources; devices that are claimed count. */
function isResources(value: JsonValue, { rendered }: Place): boolean {
  return isAmounts(value) && member(rendered, 'claims') === undefined
}

/** Ports, none of which is one of the node's. */
function isInside(value: JsonValue, { rendered }: Place): boolean {
  return !hasHostPort(value) && !hasHostPort(rendered)
}

function hasHostPort(ports: JsonValue | undefined): boolean {
  if (!isJsonArray(ports)) return ports !== undefined && ports !== null
  return ports.some(port => !isJsonObject(port) || Boolean(member(port, 'hostPort')))
}

/** The values of `spec.status` that cancel, stop or pause a Tekton run. */
function isStop(value: JsonValue): boolean {
  return (
    typeof value === 'string' && /^(?:Cancelled|Stopped|TaskRunCancelled|.*Pending)/.test(value)
  )
}

const appArmor = 'container.apparmor.security.beta.kubernetes.io/'

/** Annotations; a profile of AppArmor gives or takes rights. */
function isAnnotations(value: JsonValue, { rendered }: Place): boolean {
  if (!isJsonObject(value) || !isScalarMap(value)) return false
  const keys = [...Object.keys(value), ...(isJsonObject(rendered) ? Object.keys(rendered) : [])]
  return keys.every(key => !key.startsWith(appArmor) || value[key] === member(rendered, key))
}

/** Scalars of any kind. */
const scalars: readonly string[] = [
  // How many.
  ...['replicas', 'minReplicas', 'maxReplicas', 'parallelism', 'completions', 'backoffLimit'],
  ...['minAvailable', 'maxRetry', 'minMember', 'numNodes', 'instances', 'retries'],
  ...['parallelTrialCount', 'maxTrialCount', 'maxFailedTrialCount', 'scaleTarget', 'scaleMetric'],
  ...['canaryTrafficPercent', 'trafficPercent', 'containerConcurrency', 'maxUnavailable'],
  ...['maxSurge', 'revisionHistoryLimit', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'],
  ...['successfulRunHistoryLimit', 'failedRunHistoryLimit'],
  // When.
  ...['activeDeadlineSeconds', 'ttlSecondsAfterFinished', 'terminationGracePeriodSeconds'],
  ...['progressDeadlineSeconds', 'minReadySeconds', 'startingDeadlineSeconds', 'timeout'],
  ...['timeoutSeconds', 'schedule', 'timezone', 'timeZone', 'concurrencyPolicy', 'suspend'],
  ...['paused', 'restartAt', 'shutdown', 'shutdownAfterJobFinishes', 'statusMessage'],
  // Where.
  ...['priorityClassName', 'priority', 'preemptionPolicy', 'schedulerName', 'nodeName', 'queue'],
  'enableServiceLinks',
  // What an observer sees.
  ...['terminationMessagePath', 'terminationMessagePolicy', 'stdin', 'stdinOnce', 'tty']
]

const scheduling = ['key', 'operator', 'value', 'effect', 'tolerationSeconds'] as const
const spread = [
  ...['maxSkew', 'topologyKey', 'whenUnsatisfiable', 'labelSelector', 'minDomains'],
  ...['nodeAffinityPolicy', 'nodeTaintsPolicy', 'matchLabelKeys']
] as const
const routes = [
  'revisionName',
  'latestRevision',
  'percent',
  'tag',
  'configurationName',
  'url'
] as const

const forms: ReadonlyMap<string, Form> = new Map<string, Form>([
  ...scalars.map(name => [name, isScalar] as const),
  ['schedules', isScalarList],
  ['timeouts', isScalarMap],
  ['nodeSelector', isScalarMap],
  ['overhead', isScalarMap],
  ['labels', isScalarMap],
  ['annotations', isAnnotations],
  ['resources', isResources],
  ['computeResources', isResources],
  ['resourcesPerNode', isResources],
  ['affinity', objectOf('nodeAffinity', 'podAffinity', 'podAntiAffinity')],
  ['tolerations', listOf(...scheduling)],
  ['topologySpreadConstraints', listOf(...spread)],
  ['schedulingGates', listOf('name')],
  ['readinessGates', listOf('conditionType')],
  ['imagePullSecrets', listOf('name')],
  ['resizePolicy', listOf('resourceName', 'restartPolicy')],
  // Set by the autoscaler of a RayCluster.
  ['scaleStrategy', objectOf('workersToDelete')],
  // Revisions of a Knative Service, each of which was admitted.
  ['traffic', listOf(...routes)],
  ['os', objectOf('name')],
  ['ports', isInside],
  // The admission plugin AlwaysPullImages sets it; other values can run what a node already has.
  ['imagePullPolicy', value => value === 'Always'],
  // Of an update, and not of a disk.
  [
    'partition',
    (value, { parent }) =>
      isScalar(value) && (parent?.key === 'rollingUpdate' || parent?.key === 'updateStrategy')
  ],
  // In an init container it makes a sidecar.
  ['restartPolicy', (value, { parent }) => isScalar(value) && typeof parent?.key !== 'number'],
  ['status', isStop]
])
