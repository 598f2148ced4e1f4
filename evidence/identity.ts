import { isJsonObject } from '../common/json.ts'
import type { JsonObject, JsonValue } from '../common/json.ts'

/** The identity of an object in Kubernetes. */
export interface Identity {
  /** Empty for core kinds. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** The prefix of a generated name; empty if there is a name. */
  readonly generateName: string
}

/** Reads the identity of an object. Missing parts are empty. */
export function identify(object: JsonObject): Identity {
  const apiVersion = text(object.apiVersion)
  const slash = apiVersion.lastIndexOf('/')
  const metadata = isJsonObject(object.metadata) ? object.metadata : {}
  const name = text(metadata.name)
  return {
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind: text(object.kind),
    namespace: text(metadata.namespace),
    name,
    generateName: name === '' ? text(metadata.generateName) : ''
  }
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Formats an identity for messages: `apps/Deployment ml/churn`. */
export function describeIdentity({ group, kind, namespace, name, generateName }: Identity): string {
  const type = group === '' ? kind : `${group}/${kind}`
  const full = name === '' ? `${generateName}*` : name
  return `${type} ${namespace === '' ? full : `${namespace}/${full}`}`
}
