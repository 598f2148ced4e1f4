import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'

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
const modelKeys = new Set(['storageUri', 'modelUri', 'model_uri', 'artifactPath', 'working_dir'])

/**
 * Searches a text that a controller will read as YAML or JSON for images and models. A text that is
 * neither a mapping nor a list, has an expression in place of one, or nests deeper than 64 levels cannot
 * be searched.
 */
export function searchText(field: string, text: string): HiddenText {
  const values = parse(text)
  if (values === undefined) return { kind: 'unreadable' }
  const images: HiddenValue[] = []
  const models: HiddenValue[] = []
  const pending = values.map(value => ({ value, path: '', depth: 0 }))
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { value, path, depth } = at
    if (depth > maxDepth) return { kind: 'unreadable' }
    for (const [key, child] of childrenOf(value)) {
      const below = isJsonArray(value)
        ? `${path}[${key}]`
        : `${path}${path === '' ? '' : '.'}${key}`
      const place = `${field} > ${below}`
      if (typeof child === 'string' && imageKeys.has(key))
        images.push({ field: place, value: child })
      else if (typeof child === 'string' && modelKeys.has(key))
        models.push({ field: place, value: child })
      else pending.push({ value: child, path: below, depth: depth + 1 })
    }
  }
  return { kind: 'searched', images, models }
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

function childrenOf(value: JsonValue): readonly (readonly [string, JsonValue])[] {
  if (isJsonArray(value)) return value.map((item, index) => [String(index), item] as const)
  return isJsonObject(value) ? Object.entries(value) : []
}
