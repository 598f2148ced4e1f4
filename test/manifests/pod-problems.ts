import { member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** A container, as far as tests ask for it. */
export interface Container extends JsonObject {
  readonly name: string
  readonly args?: readonly string[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
}

/** The containers of a Deployment; none of anything else. */
export function containersOf(object: JsonObject): readonly Container[] {
  const pod = at(object, 'spec', 'template', 'spec', 'containers')
  return (pod ?? []) as unknown as readonly Container[]
}

/** Volumes of the `restricted` level of the Pod Security Standards. */
const volumes = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'persistentVolumeClaim', 'projected', 'secret']
/** Five seconds of grace, twenty of draining, one to close, and some to stop the rest. */
const endSeconds = 30

/** What a Deployment's pods lack of the `restricted` level, and of what we ask beside it. */
export function podProblems(object: JsonObject): readonly string[] {
  const pod = at(object, 'spec', 'template', 'spec') as JsonObject
  const rules: readonly (readonly [string, boolean])[] = [
    ['runAsNonRoot', at(pod, 'securityContext', 'runAsNonRoot') === true],
    ['runAsUser', at(pod, 'securityContext', 'runAsUser') === 999],
    ['seccomp', at(pod, 'securityContext', 'seccompProfile', 'type') === 'RuntimeDefault'],
    ['host', ['hostNetwork', 'hostPID', 'hostIPC'].every(key => pod[key] === undefined)],
    ['volumes', volumesOf(pod).every(kind => volumes.includes(kind))],
    ['spread over nodes', Number(at(object, 'spec', 'replicas') ?? 1) === 1 || isSpread(object)],
    ['time to end', Number(pod.terminationGracePeriodSeconds) >= endSeconds]
  ]
  const own = rules.filter(([, holds]) => !holds).map(([name]) => name)
  return [...own, ...containersOf(object).flatMap(containerProblems)]
}

function isSpread(object: JsonObject): boolean {
  const template = at(object, 'spec', 'template')
  const labels = Object.entries((at(template, 'metadata', 'labels') ?? {}) as JsonObject)
  const all = (at(template, 'spec', 'topologySpreadConstraints') ?? []) as readonly JsonObject[]
  return all.some(({ topologyKey, labelSelector }) => {
    const wanted = Object.entries((at(labelSelector, 'matchLabels') ?? {}) as JsonObject)
    const isOwn = wanted.every(([key, value]) => labels.some(own => own[0] === key && own[1] === value))
    return topologyKey === 'kubernetes.io/hostname' && wanted.length > 0 && isOwn
  })
}

function containerProblems(container: Container): readonly string[] {
  const security = container.securityContext
  const rules: readonly (readonly [string, boolean])[] = [
    ['privilege escalation', at(security, 'allowPrivilegeEscalation') === false],
    ['read-only root', at(security, 'readOnlyRootFilesystem') === true],
    ['capabilities', JSON.stringify(at(security, 'capabilities')) === '{"drop":["ALL"]}'],
    ['requests', ['cpu', 'memory'].every(key => at(container, 'resources', 'requests', key))],
    ['limit of memory', at(container, 'resources', 'limits', 'memory') !== undefined],
    ['probes', ['startupProbe', 'livenessProbe', 'readinessProbe'].every(key => key in container)],
    ['/tmp', mountsOf(container).includes('/tmp')]
  ]
  return rules.filter(([, holds]) => !holds).map(([name]) => `${container.name}: ${name}`)
}

function volumesOf(pod: JsonObject): readonly string[] {
  const all = (pod.volumes ?? []) as unknown as readonly JsonObject[]
  return all.flatMap(volume => Object.keys(volume).filter(key => key !== 'name'))
}

function mountsOf(container: Container): readonly unknown[] {
  const all = (container.volumeMounts ?? []) as unknown as readonly JsonObject[]
  return all.map(({ mountPath }) => mountPath)
}

function at(value: JsonValue | undefined, ...keys: readonly string[]): JsonValue | undefined {
  return keys.reduce<JsonValue | undefined>((node, key) => member(node, key), value)
}
