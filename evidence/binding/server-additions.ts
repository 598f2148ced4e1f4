import { isJsonObject, member, stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { isJobAddition } from './job-additions.ts'
import type { AddedMember } from './job-additions.ts'
import { memberName, pathOf } from './place.ts'
import type { Place } from './place.ts'
import type { ServerView } from './server-view.ts'

/** Whether the API server sets this where nothing was rendered. */
export function isServerAddition(place: Place, view: ServerView): boolean {
  if (view.group === '' && view.kind === 'Pod' && isPodAddition(place, view)) return true
  return isJobAddition(addedMember(place), view) || isNodePort(place)
}

function addedMember({ key, parent, found }: Place): AddedMember {
  const parallelism = member(parent?.rendered, 'parallelism') ?? null
  return { holder: parent?.key, key, found, hasParallelism: parallelism !== null }
}

/** In a pod on the node's network, each port is the node's (defaultHostNetworkPorts). */
function isNodePort({ key, parent, found }: Place): boolean {
  if (key !== 'hostPort' || found !== member(parent?.found, 'containerPort')) return false
  const pod = parent?.parent?.parent?.parent?.parent
  return member(pod?.rendered, 'hostNetwork') === true
}

/** The plugins ServiceAccount, Priority, DefaultTolerationSeconds and TaintNodesByCondition; the scheduler. */
function isPodAddition(place: Place, { isUpdate }: ServerView): boolean {
  const { key, found, parent } = place
  // Members of the spec, and items of its lists and of its containers.
  if (typeof key === 'string' && pathOf(place).length !== 2) return isRequestOfLimit(place)
  switch (key) {
    case 'nodeName':
      // It never changes by an update: only the scheduler's binding sets it.
      return isUpdate
    case 'priority':
      return typeof found === 'number' && holdsNothing(parent, 'priorityClassName')
    case 'preemptionPolicy':
      return found === 'PreemptLowerPriority'
    default:
      return isPodItem(place)
  }
}

/** Without a request, the limit is requested (SetDefaults_Pod). */
function isRequestOfLimit({ key, parent, found }: Place): boolean {
  if (parent?.key !== 'requests' || typeof key !== 'string') return false
  return found !== undefined && found === member(member(parent.parent?.found, 'limits'), key)
}

function holdsNothing(holder: Place | undefined, name: string): boolean {
  return member(holder?.found, name) === member(holder?.rendered, name)
}

function isPodItem(place: Place): boolean {
  const { key, found } = place
  if (typeof key !== 'number' || !isJsonObject(found)) return false
  switch (memberName(place)) {
    case 'tolerations':
      return isNodeToleration(found)
    case 'volumes':
      return isTokenVolume(found) && mayHaveToken(place)
    case 'volumeMounts':
      return isTokenMount(found)
    default:
      return false
  }
}

/** Of nodes that are not ready or cannot be reached, for a time, and of those that are short of memory. */
function isNodeToleration({ tolerationSeconds, ...others }: JsonObject): boolean {
  const isShort = tolerationSeconds === undefined
  const text = stringifyJson(others, { sortKeys: true })
  const known = isShort ? shortOfMemory : notReached
  return known.has(text) && (isShort || typeof tolerationSeconds === 'number')
}

const notReached: ReadonlySet<string> = new Set([
  '{"effect":"NoExecute","key":"node.kubernetes.io/not-ready","operator":"Exists"}',
  '{"effect":"NoExecute","key":"node.kubernetes.io/unreachable","operator":"Exists"}'
])
const shortOfMemory: ReadonlySet<string> = new Set([
  '{"effect":"NoSchedule","key":"node.kubernetes.io/memory-pressure","operator":"Exists"}'
])

const tokenVolume = /^kube-api-access-[a-z0-9]{5}$/
const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The volume with the token of the pod's account, exactly as the plugin ServiceAccount writes it. */
function isTokenVolume({ name, ...source }: JsonObject): boolean {
  const isNamed = typeof name === 'string' && tokenVolume.test(name)
  return isNamed && stringifyJson(source, { sortKeys: true }) === tokenSource
}

/** A pod that was rendered without a token gets none by hand. */
function mayHaveToken({ parent }: Place): boolean {
  return member(parent?.parent?.rendered, 'automountServiceAccountToken') !== false
}

const tokenSource = stringifyJson(
  {
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
        {
          downwardAPI: {
            items: [
              { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }
            ]
          }
        }
      ]
    }
  },
  { sortKeys: true }
)

function isTokenMount(mount: JsonObject): boolean {
  const { name, mountPath, readOnly, ...others } = mount
  return (
    typeof name === 'string' &&
    tokenVolume.test(name) &&
    mountPath === tokenPath &&
    readOnly === true &&
    Object.keys(others).every(key => key === 'recursiveReadOnly')
  )
}
