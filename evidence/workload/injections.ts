import { isJsonArray } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Collector, Take } from './collector.ts'
import { injectionOf } from './injectors.ts'
import type { Injection } from './injectors.ts'
import { isExhausted, maxDepth, Step } from './walk.ts'

type JsonList = readonly JsonValue[]

/** What no controller copies to a pod, and what the API server keeps. */
const passedOver = new Set(['status', 'managedFields', 'ownerReferences'])

/**
 * Collects what well-known annotations have a webhook inject, wherever the object has annotations: in pod
 * templates, and where a controller copies them to its pods from.
 */
export function collectInjections(object: JsonObject, collector: Collector): void {
  if (mayInject(object, false, maxDepth)) {
    search(object, new Step(object, '', undefined), collector)
  }
}

/** False for most objects: nothing is to be collected. Needs no positions, which cost most of a search. */
function mayInject(
  value: JsonObject | JsonList,
  holdsAnnotations: boolean,
  levelsLeft: number
): boolean {
  if (levelsLeft < 0) return true
  if (isJsonArray(value)) {
    return value.some(item => isContainer(item) && mayInject(item, false, levelsLeft - 1))
  }
  // Parsed objects inherit nothing enumerable, and a list of the keys would cost as much as the rest.
  for (const key in value) {
    if (holdsAnnotations && injectionOf(key) !== undefined) return true
    const child = value[key] ?? null
    if (!isContainer(child) || passedOver.has(key)) continue
    if (mayInject(child, isAnnotations(key), levelsLeft - 1)) return true
  }
  return false
}

function isContainer(value: JsonValue): value is JsonObject | JsonList {
  return typeof value === 'object' && value !== null
}

const shortest = 'annotations'.length

/** True for the name of a map of annotations: `annotations`, `podAnnotations`. */
export function isAnnotations(name: string): boolean {
  return name.length >= shortest && /annotations$/i.test(name)
}

function search(value: JsonObject | JsonList, node: Step, collector: Collector): void {
  if (isExhausted(collector.allowance)) return
  if (node.depth > maxDepth) {
    collector.malformed({ field: node.field, value: node.root }, `more than ${maxDepth} levels`)
    return
  }
  if (isJsonArray(value)) {
    for (const [index, item] of value.entries()) searchChild(`[${index}]`, item, node, collector)
    return
  }
  const holdsAnnotations = isAnnotations(node.key)
  for (const key of Object.keys(value)) {
    const child = value[key] ?? null
    if (holdsAnnotations) takeAnnotation(key, child, node, collector)
    if (!passedOver.has(key)) searchChild(key, child, node, collector)
  }
}

function searchChild(key: string, child: JsonValue, node: Step, collector: Collector): void {
  if (isContainer(child)) search(child, new Step(child, key, node), collector)
}

function takeAnnotation(key: string, value: JsonValue, node: Step, collector: Collector): void {
  const injection = injectionOf(key)
  if (injection === undefined) return
  const isPath = injection.take === 'model' && typeof value === 'string'
  const taken = isPath && value.startsWith(unknownStore) ? value.slice(unknownStore.length) : value
  collector.take(takeOf(injection), new Step(taken, `[${key}]`, node))
}

/** What KServe writes before a path whose store is in a secret (pkg/credentials): the path is the model. */
const unknownStore = '<scheme-placeholder>://'

function takeOf(injection: Injection): Take {
  switch (injection.take) {
    case 'image':
    case 'model':
      return injection.take
    default:
      return { path: '', kind: injection.take, reason: injection.reason }
  }
}
