import { isJsonObject, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/** A step of a path: a member's name, or an index from 0. */
export type Segment = string | number

/**
 * Where two objects are compared: what was rendered there and what was found. Absent values are undefined.
 * An item of a list has the index that it has in the object that was found, or, if it is missing there,
 * in the rendered one.
 */
export interface Place {
  readonly key: Segment
  /** For an item of a list: its index in the rendered list, or, if it was added, one behind all of that list. */
  readonly renderedKey?: number
  /** Undefined for the root, whose key is empty. */
  readonly parent: Place | undefined
  readonly rendered: JsonValue | undefined
  readonly found: JsonValue | undefined
}

/** The path from the root, in the object that was found. */
export function pathOf(place: Place): Segment[] {
  const path: Segment[] = []
  for (let at = place; at.parent !== undefined; at = at.parent) path.push(at.key)
  return path.reverse()
}

/**
 * The path from the root, in the rendered object: whoever changes an object can choose the indices of the
 * one that was found.
 */
export function renderedPathOf(place: Place): Segment[] {
  const path: Segment[] = []
  for (let at = place; at.parent !== undefined; at = at.parent) path.push(at.renderedKey ?? at.key)
  return path.reverse()
}

/** The name of the closest member: of the list, for one of its items. */
export function memberName(place: Place): string {
  let at: Place | undefined = place
  while (at !== undefined && typeof at.key === 'number') at = at.parent
  return at === undefined ? '' : String(at.key)
}

const containerLists: ReadonlySet<string> = new Set([
  'containers',
  'initContainers',
  'ephemeralContainers',
  'steps',
  'sidecars'
])

/** The name of the container, step or sidecar that a place is in; undefined outside of one, and without a name. */
export function containerAt(place: Place): string | undefined {
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) {
    if (typeof at.key !== 'number' || !containerLists.has(memberName(at))) continue
    const item = at.found ?? at.rendered
    return isJsonObject(item) ? stringMember(item, 'name') : undefined
  }
  return undefined
}

/** As Kubernetes writes field paths: `spec.containers[0].args`; other keys of maps are in brackets. */
export function fieldOf(path: readonly Segment[]): string {
  return path.reduce<string>((field, segment) => {
    if (typeof segment === 'number' || !plain.test(segment)) return `${field}[${segment}]`
    return field === '' ? segment : `${field}.${segment}`
  }, '')
}

const plain = /^[A-Za-z0-9_-]{1,100}$/
