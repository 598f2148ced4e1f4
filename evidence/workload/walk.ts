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
  readonly field: string
  /** Steps from the root, list items and map values counted. */
  readonly depth: number
}

/** Real kinds need about 30 steps; more is a loop's doing. It also bounds the length of a field. */
const maxDepth = 100
const maxKeyCharacters = 100

/**
 * Every value of `root` that `path` leads to, in the object's order. What is absent or null is left
 * out; a value of another kind than the path expects is an obstacle, and so is a nesting deeper than
 * 100 steps. Works on a stack of its own, so no input can exhaust the call stack.
 */
export function walk(root: JsonObject, path: Path): readonly Reached[] {
  const reached: Reached[] = []
  const pending: Place[] = [{ value: root, path, field: '', depth: 0 }]
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    if (place.value === null) continue
    const next = place.depth > maxDepth ? `nested deeper than ${maxDepth} levels` : follow(place)
    if (next === undefined) reached.push({ field: place.field, value: place.value })
    else if (typeof next === 'string') reached.push({ field: place.field, obstacle: next })
    else for (const following of next.reverse()) pending.push(following)
  }
  return reached
}

/** The places one step on, a sentence where there is no way on, undefined at the path's end. */
function follow(place: Place): Place[] | string | undefined {
  const { path, value } = place
  switch (path.step) {
    case 'end':
      return undefined
    case 'fork':
      return path.ways.map(way => ({ ...place, path: way }))
    case 'items':
      if (!isJsonArray(value)) return `${kindOf(value)} where a list is expected`
      return value.map((item, index) => step(place, path.next, { to: item, as: `[${index}]` }))
    default:
      break
  }
  if (!isJsonObject(value)) return `${kindOf(value)} where an object is expected`
  if (path.step === 'values') {
    return Object.entries(value).map(([key, to]) =>
      step(place, path.next, { to, as: `[${printableKey(key)}]` })
    )
  }
  const to = member(value, path.name)
  if (to === undefined) return []
  return [step(place, path.next, { to, as: place.field === '' ? path.name : `.${path.name}` })]
}

function step(
  from: Place,
  path: Path,
  { to, as }: { readonly to: JsonValue; readonly as: string }
): Place {
  return { value: to, path, field: from.field + as, depth: from.depth + 1 }
}

/** A key as the object's author chose it, made fit for a message. */
function printableKey(key: string): string {
  return bound(key.replace(/\p{Cc}/gu, '�'), maxKeyCharacters)
}
