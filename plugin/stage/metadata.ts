import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { describeIdentity, identify } from '../manifest.ts'
import type { Manifest } from '../manifest.ts'

const texts = ['name', 'generateName', 'namespace'] as const
const maps = ['labels', 'annotations'] as const
/** `template`, `jobTemplate`, `volumeClaimTemplates`, … */
const templateKey = /^(?:t|[a-z]\w*T)emplates?$/
/** Argo's `podMetadata`, `workflowMetadata`, `canaryMetadata`: labels and annotations without a name. */
const metadataKey = /^[a-z]\w*Metadata$/

/** Objects of Kubernetes itself, in which every name, namespace and selector is text. */
const builtIn = /^(?:v1|(?:apps|batch|autoscaling|policy)\/\w+|[a-z0-9.-]*\.k8s\.io\/\w+)$/
const selectors = new Set(['matchLabels', 'nodeSelector'])
/** Free content, in which members can have any name: a schema's properties, a ConfigMap's data. */
const free = new Set(['openAPIV3Schema', 'data'])

/**
 * Refuses metadata that is not text: names, namespaces, labels and annotations of the objects and of
 * every template in them; in objects of Kubernetes itself also the names and namespaces that they refer
 * to, and selectors. The API server refuses them too, after a part of a sync is done.
 *
 * @throws {Fault} `OBJECT_INVALID` with the position of the field
 */
export function checkMetadata(manifests: readonly Manifest[]): void {
  for (const manifest of manifests) {
    checkMeta(manifest, manifest.object.metadata, ['metadata'])
    checkBelow(manifest, manifest.object, [])
  }
}

function checkBelow(manifest: Manifest, value: JsonValue, path: readonly string[]): void {
  if (isJsonArray(value)) {
    for (const [index, item] of value.entries())
      if (typeof item === 'object') checkBelow(manifest, item, [...path, String(index)])
  } else if (isJsonObject(value)) {
    const hasMeta = path.length > 0 && isTemplate(value, path)
    if (hasMeta) checkMeta(manifest, value.metadata, [...path, 'metadata'])
    for (const key in value) {
      const member = value[key]
      // Most members are scalars, which need no path.
      if (typeof member === 'object' && member !== null)
        checkMember(manifest, member, [...path, key])
      else if (key === 'name' || key === 'namespace') checkName(manifest, member, [...path, key])
    }
  }
}

function checkMember(manifest: Manifest, value: JsonValue, path: readonly string[]): void {
  const key = path.at(-1) ?? ''
  if (free.has(key)) return
  if (isSelector(manifest, path)) checkMap(manifest, value, path)
  if (metadataKey.test(key)) checkMeta(manifest, value, path)
  checkBelow(manifest, value, path)
}

/** Labels to select by. Only the core group has a `spec.selector` that is a map itself. */
function isSelector(manifest: Manifest, path: readonly string[]): boolean {
  if (selectors.has(path.at(-1) ?? '')) return isBuiltIn(manifest)
  return manifest.object.apiVersion === 'v1' && path.join('.') === 'spec.selector'
}

function checkName(
  manifest: Manifest,
  value: JsonValue | undefined,
  path: readonly string[]
): void {
  if (value === undefined || value === null || typeof value === 'string') return
  if (isBuiltIn(manifest)) throw invalid(manifest, path, value, 'a string')
}

function isBuiltIn({ object }: Manifest): boolean {
  return typeof object.apiVersion === 'string' && builtIn.test(object.apiVersion)
}

/** Whether a value has the shape of an object or of a template of objects: then `metadata` is ObjectMeta. */
function isTemplate(value: JsonObject, path: readonly string[]): boolean {
  if (!Object.hasOwn(value, 'metadata')) return false
  const name = path.findLast(key => !/^[0-9]+$/.test(key)) ?? ''
  if (templateKey.test(name) || isJsonObject(value.spec)) return true
  return typeof value.apiVersion === 'string' && typeof value.kind === 'string'
}

function checkMeta(
  manifest: Manifest,
  metadata: JsonValue | undefined,
  path: readonly string[]
): void {
  if (metadata === undefined || metadata === null) return
  if (!isJsonObject(metadata)) throw invalid(manifest, path, metadata, 'an object')
  for (const key of texts) {
    const value = member(metadata, key) ?? null
    if (value !== null && typeof value !== 'string')
      throw invalid(manifest, [...path, key], value, 'a string')
  }
  for (const key of maps) checkMap(manifest, member(metadata, key) ?? null, [...path, key])
  checkList(manifest, member(metadata, 'finalizers') ?? null, [...path, 'finalizers'])
}

function checkMap(manifest: Manifest, map: JsonValue, path: readonly string[]): void {
  if (map === null) return
  if (!isJsonObject(map)) throw invalid(manifest, path, map, 'an object of strings')
  for (const [name, value] of Object.entries(map)) {
    if (typeof value !== 'string') throw invalid(manifest, [...path, name], value, 'a string')
  }
}

function checkList(manifest: Manifest, list: JsonValue, path: readonly string[]): void {
  if (list === null) return
  if (!isJsonArray(list)) throw invalid(manifest, path, list, 'a list of strings')
  for (const [index, item] of list.entries()) {
    if (typeof item !== 'string')
      throw invalid(manifest, [...path, String(index)], item, 'a string')
  }
}

function invalid(
  manifest: Manifest,
  path: readonly string[],
  value: JsonValue,
  expected: string
): Fault {
  const { object, where, whereField } = manifest
  const isText = expected === 'a string'
  return new Fault('OBJECT_INVALID', `${fieldName(path)} must be ${expected}`, {
    where: whereField?.(path) ?? where(),
    found: `${kindOf(value)}, in ${describeIdentity(identify(object))}`,
    ...(isText ? { remedy: 'Put the value in quotes; an expression too: "{{ .Values.x }}".' } : {})
  })
}

/** `metadata.annotations["argocd.argoproj.io/sync-wave"]`, `spec.volumeClaimTemplates[0].metadata` */
function fieldName(path: readonly string[]): string {
  return path.reduce((name, key) => {
    if (/^[0-9]+$/.test(key) && !/\.(?:labels|annotations)$/.test(name)) return `${name}[${key}]`
    if (/^[A-Za-z_]\w*$/.test(key)) return name === '' ? key : `${name}.${key}`
    return `${name}[${JSON.stringify(key.slice(0, 120))}]`
  }, '')
}
