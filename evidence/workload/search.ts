import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { isEmpty } from './collector.ts'
import type { Collector } from './collector.ts'
import { isAnnotations } from './injections.ts'
import { isManifestText, lookOf } from './looks.ts'
import { readingsOf, rowOf } from './readings.ts'
import { isExhausted, isPlainKey, maxDepth, Step, walkFrom } from './walk.ts'

/** A text that a controller can read as a manifest. */
const manifest = { path: '', kind: 'text', reason: 'looks like a manifest' } as const
const unreadableImage = {
  path: '',
  kind: 'object',
  reason: 'looks like an image, and is no text'
} as const

/**
 * Searches an object whose kind is not in the table for what looks like a pod spec, a container, an image
 * or a model, wherever it is but in `metadata` and `status`. What looks like one and cannot be read is
 * opaque. An object of a kind of the table within it is read by its row.
 *
 * @returns true if anything was found
 */
export function searchObject(object: JsonObject, collector: Collector): boolean {
  const root = new Step(object, '', undefined)
  let isFound = false
  for (const key of Object.keys(object)) {
    if (key === 'metadata' || key === 'status') continue
    if (searchBelow(stepTo(root, key, object[key] ?? null), collector)) isFound = true
  }
  return isFound
}

/** As {@link searchObject}, from a value within an object. */
export function searchBelow(from: Step, collector: Collector): boolean {
  const pending = [from]
  let isFound = false
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { allowance } = collector
    allowance.steps -= 1
    if (isExhausted(allowance) || node.depth > maxDepth) {
      const obstacle = isExhausted(allowance)
        ? 'more than can be judged'
        : `more than ${maxDepth} levels`
      collector.malformed({ field: node.field, value: node.root }, obstacle)
      return true
    }
    const { value } = node
    if (isJsonObject(value) && node.parent !== undefined && readByRow(node, value, collector)) {
      isFound = true
      continue
    }
    if (takeByLook(node, collector)) isFound = true
    for (const child of childrenOf(node).reverse()) pending.push(child)
  }
  return isFound
}

/** Reads an object of a kind of the table by its row. */
function readByRow(node: Step, value: JsonObject, collector: Collector): boolean {
  const row = rowOf(value)
  if (row === undefined) return false
  for (const { path, take } of readingsOf(row).always) {
    if (isExhausted(collector.allowance)) break
    for (const reached of walkFrom(node, path, collector.allowance)) {
      if (take !== 'search') collector.take(take, reached)
      else if (reached instanceof Step) searchBelow(reached, collector)
      else collector.take(manifest, reached)
    }
  }
  return true
}

/** Takes a value by the look of its name and its text. */
function takeByLook(node: Step, collector: Collector): boolean {
  const { value } = node
  if (isEmpty(value) || typeof value === 'boolean') return false
  const look = lookOf(node)
  switch (look) {
    case 'image':
      return takeImage(node, collector)
    case 'model':
      if (typeof value !== 'string') return false
      collector.take('model', node)
      return true
    case 'containers':
      return true
    case 'other':
      if (typeof value !== 'string' || !isManifestText(node.key, value)) return false
      collector.take(manifest, node)
      return true
  }
}

/** An image is a text, an image volume, or a list of texts, whose items look like images themselves. */
function takeImage(node: Step, collector: Collector): boolean {
  const { value } = node
  if (isJsonArray(value)) return false
  if (isJsonObject(value)) {
    const reference = member(value, 'reference')
    if (typeof reference === 'string') {
      collector.take('image', new Step(reference, 'reference', node))
    } else collector.take(unreadableImage, node)
  } else collector.take('image', node)
  return true
}

function childrenOf(node: Step): Step[] {
  const { value } = node
  if (isJsonArray(value)) return value.map((item, index) => new Step(item, `[${index}]`, node))
  if (!isJsonObject(value)) return []
  const children = Object.keys(value).map(key => stepTo(node, key, value[key] ?? null))
  // Annotations of webhooks are found by `collectInjections`; others run nothing.
  return isAnnotations(node.key)
    ? children.filter(child => typeof child.value !== 'string' || !child.key.includes('/'))
    : children
}

function stepTo(node: Step, key: string, value: JsonValue): Step {
  const isMember = /^[A-Za-z_][\w-]*$/.test(key)
  return new Step(value, isMember ? key : `[${isPlainKey(key) ? key : '?'}]`, node)
}
