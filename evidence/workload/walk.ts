import { isJsonArray, isJsonObject, kindOf, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Path } from './path.ts'

/** A value in an object, with its position. */
export interface ValueNode {
  readonly value: JsonValue
  /** As Kubernetes writes field paths: `spec.tasks[0]`, `spec.tfReplicaSpecs[Worker]`. */
  readonly field: string
  /** The member's name, or the index or key in brackets; empty for the root. */
  readonly key: string
  /** The object, map or list that contains it; undefined for the root. */
  readonly parent: ValueNode | undefined
}

/** The value at the end of a path, or the last value before an obstacle. */
export interface Reached extends ValueNode {
  /** Why the path cannot be followed further. */
  readonly obstacle?: string
}

/** The remaining work for one object, over all of its paths. {@link walk} counts it down. */
export interface Allowance {
  steps: number
  /** Values at the ends of paths, and obstacles. */
  ends: number
}

/** Real objects need about 30 steps; only loops need more. It also bounds the length of a field path. */
export const maxDepth = 100
const maxKeyCharacters = 100

/**
 * Returns every value of `root` that `path` leads to, in order. Absent and null values are left out. A
 * value of an unexpected kind is an obstacle, and so is nesting deeper than 100 steps, which bounds the
 * call stack. When the allowance is used up, the last result is an obstacle.
 */
export function walk(root: JsonObject, path: Path, allowance: Allowance): readonly Reached[] {
  return walkFrom(new Step(root, '', undefined), path, allowance)
}

/** As {@link walk}, from a value within an object. */
export function walkFrom(from: Step, path: Path, allowance: Allowance): readonly Reached[] {
  const reached: Reached[] = []
  visit({ root: from.root, allowance, reached }, path, from)
  return reached
}

/** True when the allowance is used up. */
export function isExhausted({ steps, ends }: Allowance): boolean {
  return steps < 0 || ends < 0
}

interface Walk {
  readonly root: JsonValue
  readonly allowance: Allowance
  readonly reached: Reached[]
}

/** A node on the way. Most are only passed, so the field path is built on demand. */
export class Step implements ValueNode {
  readonly value: JsonValue
  readonly key: string
  readonly parent: Step | undefined
  /** Steps from the root, list items and map values counted. */
  readonly depth: number

  constructor(value: JsonValue, key: string, parent: Step | undefined) {
    this.value = value
    this.key = key
    this.parent = parent
    this.depth = parent === undefined ? 0 : parent.depth + 1
  }

  get root(): JsonValue {
    return this.parent === undefined ? this.value : this.parent.root
  }

  get field(): string {
    const above = this.parent?.field ?? ''
    return above === '' || this.key.startsWith('[') ? above + this.key : `${above}.${this.key}`
  }
}

/** Collects the values at and below a node; false when the allowance is used up. */
function visit(walk: Walk, path: Path, node: Step): boolean {
  const { root, allowance, reached } = walk
  const { value } = node
  if (value === null) return true
  allowance.steps -= 1
  const obstacle = node.depth > maxDepth ? `more than ${maxDepth} levels` : obstacleTo(path, value)
  const isEnd = path.step === 'end' || obstacle !== undefined
  if (isEnd) allowance.ends -= 1
  if (isExhausted(allowance)) {
    // What was not inspected can be anywhere, so the whole object is the obstacle.
    reached.push(stopped(node, root, 'more than can be judged'))
    return false
  }
  if (!isEnd) return follow(walk, path, node)
  reached.push(obstacle === undefined ? node : stopped(node, value, obstacle))
  return true
}

/** Describes why a path cannot be followed from a value. */
function obstacleTo({ step }: Path, value: JsonValue): string | undefined {
  switch (step) {
    case 'end':
    case 'fork':
      return undefined
    case 'items':
      return isJsonArray(value) ? undefined : `${kindOf(value)} where a list is expected`
    case 'member':
      return isJsonObject(value) ? undefined : noObject(value)
    case 'entries':
      return isJsonObject(value) ? undefined : noObject(value)
    case 'values':
      if (!isJsonObject(value)) return noObject(value)
      return Object.keys(value).every(isPlainKey)
        ? undefined
        : 'a key that no field path can express'
  }
}

/** Visits the next step. The value is of the kind that the path expects. */
function follow(walk: Walk, path: Path, node: Step): boolean {
  const { value } = node
  switch (path.step) {
    case 'end':
      return true
    case 'fork':
      return path.ways.every(way => visit(walk, way, node))
    case 'items':
      return (value as readonly JsonValue[]).every((item, index) =>
        visit(walk, path.next, new Step(item, `[${index}]`, node))
      )
    case 'values':
      return Object.keys(value as JsonObject).every(key =>
        visit(walk, path.next, new Step(member(value, key) ?? null, `[${key}]`, node))
      )
    case 'entries':
      return Object.keys(value as JsonObject)
        .filter(key => path.keys.has(key))
        .every(key =>
          visit(walk, path.next, new Step(member(value, key) ?? null, `[${key}]`, node))
        )
    case 'member': {
      const child = member(value, path.name) ?? null
      if (child === null) return true
      return visit(walk, path.next, new Step(child, path.name, node))
    }
  }
}

function noObject(value: JsonValue): string {
  return `${kindOf(value)} where an object is expected`
}

function stopped({ field, key, parent }: Step, value: JsonValue, obstacle: string): Reached {
  return { field, key, parent, value, obstacle }
}

/** True when a key, which the object's author chose, is unambiguous in a field path. */
export function isPlainKey(key: string): boolean {
  return key.length <= maxKeyCharacters && !/[[\]\p{C}]/u.test(key)
}
