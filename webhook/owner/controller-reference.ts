import { isJsonArray, member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'

/** The owner that controls an object, as the object says it. */
export interface ControllerReference {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly name: string
  readonly uid: string
}

const versionPattern = /^v\d+(?:(?:alpha|beta)\d+)?$/
/** DNS names of Kubernetes; the API server's paths are made of them. */
const namePattern = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/

/**
 * Returns the controller reference of an object, of which the API server admits one; undefined if there
 * is none, or one that cannot be read.
 */
export function controllerReferenceOf(object: JsonObject): ControllerReference | undefined {
  const owners = member(object.metadata, 'ownerReferences')
  if (!isJsonArray(owners)) return undefined
  const owner = owners.find(each => member(each, 'controller') === true)
  const [kind, name, uid] = ['kind', 'name', 'uid'].map(key => stringMember(owner, key) ?? '')
  const apiVersion = stringMember(owner, 'apiVersion') ?? ''
  const slash = apiVersion.indexOf('/')
  const group = apiVersion.slice(0, Math.max(0, slash))
  const version = apiVersion.slice(slash + 1)
  if (kind === undefined || name === undefined || uid === undefined || uid === '') return undefined
  if (!versionPattern.test(version) || !namePattern.test(name)) return undefined
  return { group, version, kind, name, uid }
}
