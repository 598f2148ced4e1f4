import { isJsonArray, member, stringifyJson, stringMember } from '../../common/json.ts'
import { always } from './addition.ts'
import type { Additions, Sets } from './addition.ts'
import type { Place } from './place.ts'

// knative/serving pkg/apis/serving/v1, revision_defaults.go and route_defaults.go, with the values of
// pkg/apis/config/defaults.go; v0.49.1 and v0.51.0. A cluster can configure others.

/** Names of containers without one (applyDefaultContainerNames): numbered where there are several. */
function isNameOf(base: string): Sets {
  const numbered = new RegExp(`^${base}-\\d+$`)
  return ({ parent: container, found }) => {
    const list = container?.parent?.found
    const isAlone = isJsonArray(list) && list.length === 1
    return isAlone ? found === base : typeof found === 'string' && numbered.test(found)
  }
}

/** Mounts of what no container can write to (applyDefault). */
const isReadOnly: Sets = ({ parent: mount, found }) => {
  const pod = podOf(mount)
  const volumes = member(pod?.found, 'volumes')
  const name = stringMember(mount?.found, 'name')
  const volume = isJsonArray(volumes)
    ? volumes.find(each => stringMember(each, 'name') === name)
    : undefined
  const isWritable = ['emptyDir', 'persistentVolumeClaim', 'ephemeral'].some(
    source => member(volume, source) !== undefined
  )
  return found === true && volume !== undefined && !isWritable
}

/** From an item of a list of a container. */
function podOf(mount: Place | undefined): Place | undefined {
  return mount?.parent?.parent?.parent?.parent
}

/** A probe without a handler connects to the container's port. */
const isProbedPort: Sets = ({ parent: socket, found }) => {
  const probe = socket?.parent?.found
  return found === 0 && ['httpGet', 'exec', 'grpc'].every(each => member(probe, each) === undefined)
}

/** Kubernetes' own, once a period is given (applyReadinessProbeDefaults). */
function withPeriod(value: number): Sets {
  return ({ parent: probe, found }) =>
    found === value && Boolean(member(probe?.found, 'periodSeconds'))
}

function revision(at: string): Additions {
  const probe = `${at}.containers.readinessProbe`
  return {
    [`${at}.timeoutSeconds`]: always(300),
    [`${at}.responseStartTimeoutSeconds`]: always(300),
    [`${at}.containerConcurrency`]: always(0),
    [`${at}.enableServiceLinks`]: always(false),
    [`${at}.containers.name`]: isNameOf('user-container'),
    [`${at}.initContainers.name`]: isNameOf('init-container'),
    [`${at}.containers.volumeMounts.readOnly`]: isReadOnly,
    [`${probe}.successThreshold`]: always(1),
    [`${probe}.failureThreshold`]: withPeriod(3),
    [`${probe}.timeoutSeconds`]: withPeriod(1),
    [`${probe}.tcpSocket.port`]: isProbedPort
  }
}

const template = revision('spec.template.spec')

const allToLatest = '[{"latestRevision":true,"percent":100}]'

const isOfLatest: Sets = ({ parent, found }) =>
  found === ((stringMember(parent?.found, 'revisionName') ?? '') === '')

/** What Knative's webhook sets. */
export const knativeAdditions: Readonly<Record<string, Additions>> = {
  'serving.knative.dev/Configuration': template,
  'serving.knative.dev/Revision': revision('spec'),
  'serving.knative.dev/Service': {
    ...template,
    'spec.traffic': ({ found }) =>
      found !== undefined && stringifyJson(found, { sortKeys: true }) === allToLatest,
    'spec.traffic.latestRevision': isOfLatest,
    'spec.traffic.percent': always(0)
  }
}
