import t from 'tap'
import { isJsonObject } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { differencesFrom } from '../../../evidence/binding/binding.ts'
import type { Segment } from '../../../evidence/binding/place.ts'
import { workloadTable } from '../../../evidence/workload/table.ts'
import { peerCrds } from '../peer-crds.ts'

/** The paths of a schema's leaves; a map has the key `k`. */
function* leaves(
  schema: JsonValue | undefined,
  path: readonly Segment[]
): Generator<readonly Segment[]> {
  const { properties, items, additionalProperties } = isJsonObject(schema) ? schema : {}
  if (path.length > 26) yield path
  else if (isJsonObject(properties)) {
    for (const [key, inner] of Object.entries(properties)) yield* leaves(inner, [...path, key])
  } else if (items !== undefined) yield* leaves(items, [...path, 0])
  else if (isJsonObject(additionalProperties)) yield* leaves(additionalProperties, [...path, 'k'])
  else yield path
}

function objectWith(path: readonly Segment[], value: JsonValue): JsonObject {
  return path.reduceRight<JsonValue>(
    (inner, segment) => (typeof segment === 'number' ? [inner] : { [segment]: inner }),
    value
  ) as JsonObject
}

/** Whether another value at a path is no difference. */
function isOpen(type: JsonObject, path: readonly Segment[]): boolean {
  const options = {
    binds: 'runs',
    allowChanges: [],
    isUpdate: false,
    isKnownDefault: () => false
  } as const
  const [rendered, found] = [objectWith(path, 'x'), objectWith(path, 'y')]
  return differencesFrom({ ...type, ...rendered }, { ...type, ...found }, options).length === 0
}

/** Members under which nothing counts but the command of a probe. */
const known: ReadonlySet<string> = new Set([
  ...['affinity', 'annotations', 'labels', 'livenessProbe', 'nodeSelector', 'overhead', 'ports'],
  ...['readinessProbe', 'startupProbe', 'tolerations', 'topologySpreadConstraints', 'traffic'],
  ...['timeouts', 'resources', 'computeResources', 'resourcesPerNode', 'os', 'imagePullSecrets'],
  ...['resizePolicy', 'readinessGates', 'schedulingGates', 'scaleStrategy']
])

const expected: ReadonlySet<string> = new Set([
  'activeDeadlineSeconds',
  'affinity',
  'annotations',
  'backoffLimit',
  'canaryTrafficPercent',
  'completions',
  'computeResources',
  'concurrencyPolicy',
  'containerConcurrency',
  'enableServiceLinks',
  'failedJobsHistoryLimit',
  'imagePullSecrets',
  'labels',
  'livenessProbe',
  'maxReplicas',
  'maxRetry',
  'maxSurge',
  'maxUnavailable',
  'minAvailable',
  'minReadySeconds',
  'minReplicas',
  'nodeName',
  'nodeSelector',
  'numNodes',
  'os',
  'overhead',
  'parallelism',
  'partition',
  'paused',
  'ports',
  'preemptionPolicy',
  'priority',
  'priorityClassName',
  'progressDeadlineSeconds',
  'queue',
  'readinessGates',
  'readinessProbe',
  'replicas',
  'resizePolicy',
  'resources',
  'resourcesPerNode',
  'restartAt',
  'restartPolicy',
  'retries',
  'revisionHistoryLimit',
  'scaleMetric',
  'scaleStrategy',
  'scaleTarget',
  'schedule',
  'schedulerName',
  'schedules',
  'schedulingGates',
  'shutdown',
  'shutdownAfterJobFinishes',
  'startingDeadlineSeconds',
  'startupProbe',
  'statusMessage',
  'stdin',
  'stdinOnce',
  'successfulJobsHistoryLimit',
  'successfulRunHistoryLimit',
  'suspend',
  'terminationGracePeriodSeconds',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'timeZone',
  'timeout',
  'timeoutSeconds',
  'timeouts',
  'timezone',
  'tolerations',
  'topologySpreadConstraints',
  'traffic',
  'ttlSecondsAfterFinished',
  'tty'
])

const { schemas, absent } = peerCrds()
const rows = new Set(workloadTable.map(({ group, kind }) => `${group}/${kind}`))

/** By a member that {@link known} has, or by the last name. */
function openNames(): ReadonlySet<string> {
  const open = new Set<string>()
  for (const [name, schema] of schemas) {
    const [group = '', version = '', kind = ''] = name.split('/')
    if (!rows.has(`${group}/${kind}`)) continue
    const type = { apiVersion: `${group}/${version}`, kind }
    for (const path of leaves(schema, [])) {
      if (path[0] === 'spec' && isOpen(type, path)) open.add(nameOf(path))
    }
  }
  return open
}

function nameOf(path: readonly Segment[]): string {
  const names = path.filter(segment => typeof segment === 'string')
  return names.find(name => known.has(name)) ?? names.at(-1) ?? ''
}

t.test('of the fields of real CRDs, binds runs leaves open only these', t => {
  const open = openNames()
  const unknown = [...open].filter(name => !expected.has(name))
  t.same(unknown, [])
  if (absent.length === 0) t.same([...open].sort(), [...expected].sort())
  for (const module of absent)
    t.comment(`SKIPPED: ${module} is not available (no Go, or no network)`)
  t.end()
})
