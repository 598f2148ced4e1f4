import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { lookOf } from '../../evidence/workload/looks.ts'
import { Step } from '../../evidence/workload/walk.ts'

/** Images and models of a text field, which the API server does not parse. */
export type HiddenText =
  | {
      readonly kind: 'searched'
      readonly images: readonly HiddenValue[]
      readonly models: readonly HiddenValue[]
    }
  | { readonly kind: 'unreadable' }

/** A value in a text, with its field: `spec.manifest > spec.containers[0].image`. */
export interface HiddenValue {
  readonly field: string
  readonly value: string
}

const maxDepth = 64
/** Limit on reading again to fix indentation, which keeps it to milliseconds. */
const maxRereadCharacters = 256 * 1024
const imageKeys = new Set(['image', 'imageName', 'containerImage', 'container_image', 'image_uri'])
/** Those of Ray Serve are `working_dir`, `py_modules`, `model_source` and `bucket_uri`. */
const modelKeys = new Set([
  ...['storageUri', 'modelUri', 'model_uri', 'artifactPath', 'model_source', 'bucket_uri'],
  ...['working_dir', 'py_modules']
])

/**
 * Searches a text that a controller will read as YAML or JSON for images and models: by the names that
 * controllers read from texts, and by what looks like one (`lookOf`). A text that is neither a mapping nor
 * a list, has an expression in place of one, or nests deeper than 64 levels cannot be searched.
 */
export function searchText(field: string, text: string): HiddenText {
  const values = parse(text)
  if (values === undefined) return { kind: 'unreadable' }
  const images: HiddenValue[] = []
  const models: HiddenValue[] = []
  const pending = values.map(value => new Step(value, '', undefined))
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at.depth > maxDepth) return { kind: 'unreadable' }
    for (const child of childrenOf(at)) {
      const { value } = child
      const what = typeof value === 'string' ? whatIs(child) : undefined
      if (what === undefined || typeof value !== 'string') pending.push(child)
      else (what === 'image' ? images : models).push({ field: `${field} > ${child.field}`, value })
    }
  }
  return { kind: 'searched', images, models }
}

/** What a text within a text is; undefined for anything else. */
function whatIs(node: Step): 'image' | 'model' | undefined {
  const { key, parent } = node
  const name = parent !== undefined && isJsonArray(parent.value) ? parent.key : key
  if (imageKeys.has(name)) return 'image'
  if (modelKeys.has(name)) return 'model'
  // Ray Serve loads `model_id` where there is no `model_source`.
  if (name === 'model_id' && member(parent?.value, 'model_source') === undefined) return 'model'
  const look = lookOf(isPatched(node) ? patched(node) : node)
  return look === 'image' || look === 'model' ? look : undefined
}

/** A value of an operation of a JSON Patch (RFC 6902), which has the name at the end of its path. */
function isPatched({ key, parent }: Step): boolean {
  return (
    key === 'value' &&
    typeof member(parent?.value, 'path') === 'string' &&
    typeof member(parent?.value, 'op') === 'string'
  )
}

function patched({ value, parent }: Step): Step {
  const path = stringMember(parent?.value, 'path') ?? ''
  return new Step(value, path.slice(path.lastIndexOf('/') + 1), undefined)
}

function parse(text: string): JsonValue[] | undefined {
  try {
    const values = readYaml(text, { file: 'text', maxRereadCharacters }).map(
      document => document.value
    )
    const areContainers = values.every(value => typeof value === 'object' && value !== null)
    return areContainers && values.length > 0 ? values : undefined
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

function childrenOf(node: Step): readonly Step[] {
  const { value } = node
  if (isJsonArray(value)) return value.map((item, index) => new Step(item, `[${index}]`, node))
  if (!isJsonObject(value)) return []
  return Object.entries(value).map(([key, item]) => new Step(item, key, node))
}
