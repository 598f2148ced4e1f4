import { isJsonArray, isJsonObject, kindOf, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Path } from './path.ts'

/** A value at the end of a path, or the place where the object stopped following it. */
export type Reached =
  | { readonly field: string; readonly value: JsonValue; readonly obstacle?: undefined }
  | { readonly field: string; readonly value: JsonValue; readonly obstacle: string }

interface Place {
  readonly value: JsonValue
  readonly path: Path
  /** As Kubernetes writes field paths: `spec.tasks[0]`, `spec.tfReplicaSpecs[Worker]`. */
  readonly field: string
  /** Steps from the root, list items and map values counted. */
  readonly depth: number
}

/** How much of an object is still followed, over all of its paths; counted down by {@link walk}. */
export interface Allowance {
  steps: number
  /** Values at the ends of paths, and obstacles. */
  places: number
}

/** Real objects need about 30 steps; more is a loop's doing. It also bounds the length of a field. */
const maxDepth = 100
const maxKeyCharacters = 100

/**
 * Every value of `root` that `path` leads to, in the path's order. What is absent or null is left
 * out; a value of another kind than the path expects is an obstacle, and so is a nesting deeper than
 * 100 steps. Where the allowance ends, the obstacle there is the last that is said. Works on a stack of
 * its own, so no input can exhaust the call stack.
 */
export function walk(root: JsonObject, path: Path, allowance: Allowance): readonly Reached[] {
  const reached: Reached[] = []
  const pending: Place[] = [{ value: root, path, field: '', depth: 0 }]
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    if (place.value === null) continue
    allowance.steps -= 1
    const next = place.depth > maxDepth ? `more than ${maxDepth} levels` : follow(place)
    const isPlace = typeof next !== 'object'
    if (isPlace) allowance.places -= 1
    if (isExhausted(allowance)) {
      // What was not looked at is anywhere: the whole object stands for it.
      reached.push({ field: place.field, value: root, obstacle: 'more than can be judged' })
      break
    }
    if (!isPlace) for (const following of next.reverse()) pending.push(following)
    else if (next === undefined) reached.push({ field: place.field, value: place.value })
    else reached.push({ field: place.field, value: place.value, obstacle: next })
  }
  return reached
}

/** Whether a walk ended before its time. */
export function isExhausted({ steps, places }: Allowance): boolean {
  return steps < 0 || places < 0
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
      if (!Object.keys(value).every(isPlainKey)) return 'a key that no field can name'
      return Object.keys(value).map(key => step(place, path.next, member(value, key), `[${key}]`))
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

/** Whether a key, which the object's author chose, stands in a field as it is and for itself only. */
function isPlainKey(key: string): boolean {
  return key.length <= maxKeyCharacters && !/[[\]\p{C}]/u.test(key)
}
