import { isJsonArray, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { ValueNode } from './walk.ts'

/** What a value looks like by its name and its text. */
export type Look = 'image' | 'model' | 'containers' | 'other'

/** What a container says of what it runs, and no list of names says. */
const containerMembers = ['image', 'command', 'args', 'env', 'envFrom', 'volumeMounts', 'lifecycle']
const containerLists = new Set(['containers', 'initContainers', 'ephemeralContainers'])
/** `image`, `storageInitializerImage`, `driver_image`, `imageName`, `image_uri`. */
const imageName =
  /(?:^i|[a-z0-9]I|[_./-]i)mages?(?:Name|Ref|Reference|Uri|URI|URL|Url|_name|_ref|_uri|_url)?$/
const modelName =
  /(?:storage|model|artifact|adapter|weights|checkpoint|dataset|source)_?(?:ur[il]s?|path|location)?s?$/i
const uriName = /ur[il]s?$/i
const scheme = /^[a-z][a-z0-9+.-]*:\/\/./i
/** Stores and registries of models and data. */
const store =
  /^(?:s3[an]?|gs|gcs|abfss?|wasbs?|az|azure|hdfs|webhdfs|hf|oci|pvc|oss|cos|obs|minio|swift|dbfs|mlflow-artifacts):\/\/.|^(?:models|runs):\/./i
/** What a container is told at its start. In a kind of the table it is not a model either. */
const told = new Set(['args', 'command', 'env', 'envFrom'])

/**
 * Says what a value outside of the workload table looks like. A list item looks like what its list is
 * called. A name such as `modelUri` needs a text with a scheme, and any name will do for the scheme of a
 * store: `s3://`, `hf://`.
 */
export function lookOf(node: ValueNode): Look {
  const name = nameOf(node)
  const { value, parent } = node
  if (containerLists.has(node.key) && areContainers(node.value)) return 'containers'
  if (imageName.test(name)) return isBlockDevice(parent) ? 'other' : 'image'
  if (typeof value !== 'string') return 'other'
  if (store.test(value)) return isTold(node) ? 'other' : 'model'
  if (!modelName.test(name) || !scheme.test(value)) return 'other'
  return uriName.test(name) || !isPlace(value) ? 'model' : 'other'
}

function areContainers(value: JsonValue): boolean {
  if (!isJsonArray(value)) return false
  return value.some(item => containerMembers.some(name => member(item, name) !== undefined))
}

/** A name without its index: an item is called as its list. */
function nameOf({ key, parent }: ValueNode): string {
  const name = parent !== undefined && isJsonArray(parent.value) ? parent.key : key
  return name.replace(/^\[|\]$/g, '')
}

/** `rbd: {image, monitors}` names a block device of Ceph. */
function isBlockDevice(parent: ValueNode | undefined): boolean {
  return parent?.key === 'rbd'
}

function isTold(node: ValueNode): boolean {
  for (let at: ValueNode | undefined = node; at !== undefined; at = at.parent) {
    if (told.has(at.key)) return true
  }
  return false
}

/** A repository of code or a page: its name says that it is a source, not of what. */
function isPlace(value: string): boolean {
  return /^(?:https?|git|ssh):\/\//i.test(value)
}

const proseNames = new Set(['description', 'displayName', 'message', 'title', 'documentation'])
const manifestLine =
  /(?:^|[\s{,"'[-])(?:image|images|containers|initContainers|storageUri|modelUri)["']?\s*:/

/** True for a text that a controller can read as a manifest with an image or a model. */
export function isManifestText(name: string, text: string): boolean {
  return !proseNames.has(name) && manifestLine.test(text)
}
