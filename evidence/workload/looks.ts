import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { ValueNode } from './walk.ts'

/** What a value looks like by its name and its text. */
export type Look = 'image' | 'model' | 'containers' | 'other'

/** What a container says of what it runs, and no list of names says. */
const containerMembers = new Set([
  ...['image', 'command', 'args', 'env', 'envfrom', 'volumemounts', 'lifecycle']
])
/** In lower case: Go reads the members of an object in any case. */
const containerLists = new Set(['containers', 'initcontainers', 'ephemeralcontainers'])
const imagePart = '(?:name|ref|reference|ur[il]|repo|repository|_name|_ref|_ur[il]|_repository)?'
/** `image`, `driver_image`, `imageName`, `image_uri`, in any case; `storageInitializerImage`. */
const imageName = new RegExp(`(?:^|[_./-])images?${imagePart}$`, 'i')
const imageEnding = /[a-z0-9]Images?(?:Name|Ref|Reference|Ur[il]|UR[IL]|Repo|Repository)?$/
const modelName =
  /(?:storage|model|artifact|adapter|weights|checkpoint|dataset|source)_?(?:ur[il]s?|path|location)?s?$/i
const uriName = /ur[il]s?$/i
const bareUri = /^ur[il]s?$/i
const scheme = /^[a-z][a-z0-9+.-]*:\/\/./i
/** Stores and registries of models and data. */
const store =
  /^(?:s3[an]?|gs|gcs|abfss?|wasbs?|az|azure|hdfs|webhdfs|hf|oci|pvc|oss|cos|obs|minio|swift|dbfs|mlflow-artifacts):\/\/.|^(?:models|runs):\/./i
/** Fields with commands, arguments and variables. A URI in them is not a model, as in kinds of the table. */
const startFields = new Set(['args', 'command', 'env', 'envFrom'])

/**
 * Says what a value outside of the workload table looks like. A list item looks like what its list is
 * called. A name such as `modelUri` needs a text with a scheme, and any name will do for the scheme of a
 * store: `s3://`, `hf://`.
 */
export function lookOf(node: ValueNode): Look {
  const name = nameOf(node)
  const { value, parent } = node
  if (containerLists.has(node.key.toLowerCase()) && areContainers(node.value)) return 'containers'
  if (imageName.test(name) || imageEnding.test(name))
    return isBlockDevice(parent) ? 'other' : 'image'
  return typeof value === 'string' && looksLikeModel(node, name, value) ? 'model' : 'other'
}

function looksLikeModel(node: ValueNode, name: string, value: string): boolean {
  if (store.test(value)) return !isTold(node)
  if (!modelName.test(name) || !scheme.test(value)) return false
  return uriName.test(name) || !isPlace(value)
}

function areContainers(value: JsonValue): boolean {
  if (!isJsonArray(value)) return false
  return value.some(
    item =>
      isJsonObject(item) && Object.keys(item).some(key => containerMembers.has(key.toLowerCase()))
  )
}

/** A name without its index: an item is called as its list, and `uri` as what has it. */
function nameOf({ key, parent }: ValueNode): string {
  if (parent === undefined) return key
  if (isJsonArray(parent.value)) return nameOf(parent)
  const name = key.replace(/^\[|\]$/g, '')
  return bareUri.test(name) ? `${nameOf(parent)}_${name}` : name
}

/** `rbd: {image, monitors}` names a block device of Ceph. */
function isBlockDevice(parent: ValueNode | undefined): boolean {
  return parent?.key === 'rbd' && isJsonArray(member(parent.value, 'monitors'))
}

function isTold(node: ValueNode): boolean {
  for (let at: ValueNode | undefined = node; at !== undefined; at = at.parent) {
    if (startFields.has(at.key) && isJsonArray(at.value)) return true
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
