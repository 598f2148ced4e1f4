import { readFileSync } from 'node:fs'
import t from 'tap'
import { isJsonArray, isJsonObject, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { Binding } from '../../../evidence/binding/binding.ts'
import { compared } from './compared.ts'

/** Objects, and what kube-apiserver 1.37.2 shows its webhooks when they are created or applied. */
const pairs = JSON.parse(
  readFileSync(new URL('api-server.json', import.meta.url), 'utf8')
) as readonly { readonly rendered: JsonObject; readonly found: JsonObject }[]

function countOf(binds: Binding, rendered: JsonObject, found: JsonObject): number {
  return compared(binds, rendered, found).differences.length
}

/** Copies of a value, in each of which one leaf is another one, by the leaf's path without indices. */
function* changes(value: JsonValue, path: string): Generator<readonly [string, JsonValue]> {
  if (isJsonArray(value)) {
    for (const [at, item] of value.entries()) {
      for (const [leaf, copy] of changes(item, path)) yield [leaf, value.with(at, copy)]
    }
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      for (const [leaf, copy] of changes(member, `${path}.${key}`)) {
        yield [leaf, { ...value, [key]: copy }]
      }
    }
  } else if (typeof value === 'string') yield [path, `${value}x`]
  else if (typeof value === 'number') yield [path, value + 1]
  else yield [path, value !== true]
}

const templates = /^\.spec\.(?:jobTemplate\.spec\.)?template\.spec(?=\.)/
const podSpecs: Readonly<Record<string, RegExp>> = {
  Pod: /^\.spec(?=\.)/,
  PodTemplate: /^\.template\.spec(?=\.)/
}

/** The leaves of all objects that may be another value, without the place of the pod spec. */
function openLeaves(binds: Binding): readonly string[] {
  const open = pairs.flatMap(({ rendered, found }) => {
    const { metadata, ...others } = found
    return [...changes(others, '')]
      .filter(([, copy]) => {
        return (
          countOf(binds, rendered, { metadata: metadata ?? null, ...(copy as JsonObject) }) === 0
        )
      })
      .map(([leaf]) =>
        leaf.replace(podSpecs[stringMember(found, 'kind') ?? ''] ?? templates, 'POD')
      )
  })
  return [...new Set(open)].sort()
}

t.test('what a real API server adds and writes otherwise is not a difference', t => {
  for (const { rendered, found } of pairs) {
    const kind = stringMember(rendered, 'kind') ?? ''
    t.equal(countOf('runs', rendered, found), 0, kind)
    t.equal(countOf('object', rendered, found), 0, kind)
  }
  t.end()
})

t.test('the expectation of an object is met by what the API server makes of most kinds', t => {
  const certain = (binds: Binding) =>
    pairs
      .filter(({ rendered, found }) => compared(binds, rendered, found).isCertain)
      .map(({ rendered }) => stringMember(rendered, 'kind'))
  const most = ['Deployment', 'DaemonSet', 'ReplicationController', 'Job', 'CronJob', 'PodTemplate']
  // Not of the StatefulSet with the older name of the account, and of Pods with a token.
  t.same(certain('runs'), most)
  t.same(certain('object'), most)
  t.end()
})

t.test(
  'binds object: every other value is a difference, but for the replicas of what is scaled',
  t => {
    t.same(openLeaves('object'), [
      '.spec.replicas',
      // Of a Pod, by the admission plugins Priority and DefaultTolerationSeconds.
      'POD.priority',
      'POD.tolerations.tolerationSeconds'
    ])
    t.end()
  }
)

t.test('binds runs: what may be another value', t => {
  t.same(openLeaves('runs'), [
    '.apiVersion',
    '.spec.backoffLimit',
    '.spec.completionMode',
    '.spec.completions',
    '.spec.concurrencyPolicy',
    '.spec.failedJobsHistoryLimit',
    '.spec.jobTemplate.spec.template.metadata.annotations.a',
    '.spec.jobTemplate.spec.template.metadata.labels.app',
    '.spec.manualSelector',
    '.spec.parallelism',
    '.spec.persistentVolumeClaimRetentionPolicy.whenDeleted',
    '.spec.persistentVolumeClaimRetentionPolicy.whenScaled',
    '.spec.podManagementPolicy',
    '.spec.podReplacementPolicy',
    '.spec.progressDeadlineSeconds',
    '.spec.replicas',
    '.spec.revisionHistoryLimit',
    '.spec.schedule',
    '.spec.selector.app',
    '.spec.selector.matchLabels.app',
    '.spec.selector.matchLabels.batch.kubernetes.io/controller-uid',
    '.spec.serviceName',
    '.spec.strategy.rollingUpdate.maxSurge',
    '.spec.strategy.rollingUpdate.maxUnavailable',
    '.spec.strategy.type',
    '.spec.successfulJobsHistoryLimit',
    '.spec.suspend',
    '.spec.template.metadata.annotations.a',
    '.spec.template.metadata.labels.app',
    '.spec.template.metadata.labels.batch.kubernetes.io/controller-uid',
    '.spec.template.metadata.labels.batch.kubernetes.io/job-name',
    '.spec.template.metadata.labels.controller-uid',
    '.spec.template.metadata.labels.job-name',
    '.spec.updateStrategy.rollingUpdate.maxSurge',
    '.spec.updateStrategy.rollingUpdate.maxUnavailable',
    '.spec.updateStrategy.rollingUpdate.partition',
    '.spec.updateStrategy.type',
    '.spec.volumeClaimTemplates.spec.resources.requests.storage',
    '.template.metadata.annotations.a',
    '.template.metadata.labels.app',
    'POD.containers.livenessProbe.failureThreshold',
    'POD.containers.livenessProbe.grpc.port',
    'POD.containers.livenessProbe.grpc.service',
    'POD.containers.livenessProbe.httpGet.path',
    'POD.containers.livenessProbe.httpGet.port',
    'POD.containers.livenessProbe.httpGet.scheme',
    'POD.containers.livenessProbe.periodSeconds',
    'POD.containers.livenessProbe.successThreshold',
    'POD.containers.livenessProbe.timeoutSeconds',
    'POD.containers.ports.containerPort',
    'POD.containers.ports.protocol',
    'POD.containers.readinessProbe.failureThreshold',
    'POD.containers.readinessProbe.periodSeconds',
    'POD.containers.readinessProbe.successThreshold',
    'POD.containers.readinessProbe.timeoutSeconds',
    'POD.containers.resources.limits.cpu',
    'POD.containers.resources.limits.memory',
    'POD.containers.resources.requests.cpu',
    'POD.containers.resources.requests.memory',
    'POD.containers.startupProbe.failureThreshold',
    'POD.containers.startupProbe.periodSeconds',
    'POD.containers.startupProbe.successThreshold',
    'POD.containers.startupProbe.tcpSocket.port',
    'POD.containers.startupProbe.timeoutSeconds',
    'POD.containers.terminationMessagePath',
    'POD.containers.terminationMessagePolicy',
    'POD.enableServiceLinks',
    'POD.initContainers.terminationMessagePath',
    'POD.initContainers.terminationMessagePolicy',
    'POD.preemptionPolicy',
    'POD.priority',
    'POD.restartPolicy',
    'POD.schedulerName',
    'POD.terminationGracePeriodSeconds',
    'POD.tolerations.effect',
    'POD.tolerations.key',
    'POD.tolerations.operator',
    'POD.tolerations.tolerationSeconds',
    'POD.topologySpreadConstraints.labelSelector.matchLabels.app',
    'POD.topologySpreadConstraints.maxSkew',
    'POD.topologySpreadConstraints.topologyKey',
    'POD.topologySpreadConstraints.whenUnsatisfiable',
    'POD.volumes.ephemeral.volumeClaimTemplate.spec.resources.requests.storage'
  ])
  t.end()
})
