import { bound } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Path } from './path.ts'

/** A value at the end of a path, or the place where the object stopped following it. */
export type Reached =
  | { readonly field: string; readonly value: JsonValue }
  | { readonly field: string; readonly obstacle: string }

interface Place {
  readonly value: JsonValue
  readonly path: Path
  /** As Kubernetes writes field paths: `spec.tasks[0]`, `spec.tfReplicaSpecs[Worker]`. */
  readonly field: string
  /** Steps from the root, list items and map values counted. */
  readonly depth: number
}

/** Real objects need about 30 steps; more is a loop's doing. It also bounds the length of a field. */
const maxDepth = 100
const maxKeyCharacters = 100

/**
 * Every value of `root` that `path` leads to, in the path's order. What is absent or null is left
 * out; a value of another kind than the path expects is an obstacle, and so is a nesting deeper than
 * 100 steps. Works on a stack of its own, so no input can exhaust the call stack.
 */
export function walk(root: JsonObject, path: Path): readonly Reached[] {
  const reached: Reached[] = []
  const pending: Place[] = [{ value: root, path, field: '', depth: 0 }]
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    if (place.value === null) continue
    const next = place.depth > maxDepth ? `more than ${maxDepth} levels` : follow(place)
    if (next === undefined) reached.push({ field: place.field, value: place.value })
    else if (typeof next === 'string') reached.push({ field: place.field, obstacle: next })
    else for (const following of next.reverse()) pending.push(following)
  }
  return reached
}

/** The places one step on; a sentence where there is no way on; undefined at the path's end. */
function follow(place: Place): Place[] | string | undefined {
  const { path, value } = place
  switch (path.step) {
    case 'end':
      return undefined
    case 'fork':
      return path.ways.map(way => ({ ...place, path: way }))
    case 'items':
      if (!isJsonArray(value)) return `${kindOf(value)} where a list is expected`
      return value.map((item, index) => step(place, path.next, item, `[${index}]`))
    case 'values':
      if (!isJsonObject(value)) return noObject(value)
      return Object.keys(value).map(key =>
        step(place, path.next, member(value, key), `[${printableKey(key)}]`)
      )
    case 'member':
      if (!isJsonObject(value)) return noObject(value)
      return [step(place, path.next, member(value, path.name), `.${path.name}`)]
  }
}

function noObject(value: JsonValue): string {
  return `${kindOf(value)} where an object is expected`
}

function step(from: Place, path: Path, value: JsonValue | undefined, text: string): Place {
  const field = from.field === '' ? text.replace(/^\./, '') : from.field + text
  return { value: value ?? null, path, field, depth: from.depth + 1 }
}

/** A key as the object's author chose it, made fit for a message. */
function printableKey(key: string): string {
  return bound(key.replace(/\p{Cc}/gu, '�'), maxKeyCharacters)
}
