import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { identify } from '../identity.ts'
import type { Binding } from './binding.ts'
import { isSameQuantity } from './equivalent.ts'
import { isJobAddition } from './job-additions.ts'
import { isDefaultValue, knownDefaultsAt } from './known-defaults.ts'
import { isVoidIn, KnownPlace } from './known-place.ts'
import { runningPathsOf } from './running-paths.ts'
import { serverView } from './server-view.ts'
import type { ServerView } from './server-view.ts'

/** What is expected at one place of an object. */
type Expected = null | boolean | number | bigint | string | ExpectedList | ExpectedObject

/**
 * Compiles a rendered object for many comparisons. The result is true for an object that has all that was
 * rendered and, besides, only known defaults: `differencesFrom` finds nothing there, at several times the
 * cost. False proves nothing, because only `differencesFrom` knows all that may differ.
 */
export function compileExpectation(
  rendered: JsonObject,
  binds: Binding
): (object: JsonObject) => boolean {
  const kind = identify(rendered)
  const paths = binds === 'object' ? undefined : runningPathsOf(kind)
  const isSameKind = (object: JsonObject) =>
    object.kind === rendered.kind && object.apiVersion === rendered.apiVersion
  if (paths === undefined) {
    const whole = new ExpectedObject(rendered, new KnownPlace(kind, []))
    return object =>
      isSameKind(object) && whole.isMetByMembers(object, serverView(object, false), unbound)
  }
  const parts = paths.map(path => {
    const value = valueAt(rendered, path)
    return {
      path,
      expected: value === undefined ? undefined : expect(value, new KnownPlace(kind, path))
    }
  })
  return object => {
    if (!isSameKind(object)) return false
    const view = serverView(object, false)
    return parts.every(({ path, expected }) => {
      const found = valueAt(object, path)
      return expected === undefined || found === undefined
        ? expected === found
        : isMet(expected, found, view)
    })
  }
}

const unbound: ReadonlySet<string> = new Set(['metadata', 'status'])
const none: ReadonlySet<string> = new Set()

function valueAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(member, object)
}

function expect(value: JsonValue, place: KnownPlace): Expected {
  if (isJsonArray(value)) return new ExpectedList(value, place)
  return isJsonObject(value) ? new ExpectedObject(value, place) : value
}

function isMet(expected: Expected, found: JsonValue, view: ServerView): boolean {
  return typeof expected === 'object' && expected !== null
    ? expected.isMetBy(found, view)
    : expected === found
}

class ExpectedList {
  readonly #items: readonly Expected[]

  constructor(list: readonly JsonValue[], place: KnownPlace) {
    this.#items = list.map(item => expect(item, place))
  }

  isMetBy(found: JsonValue, view: ServerView): boolean {
    if (!isJsonArray(found) || found.length !== this.#items.length) return false
    return this.#items.every((expected, at) => isMet(expected, found[at] ?? null, view))
  }
}

class ExpectedObject {
  readonly #members = new Map<string, Expected>()
  readonly #place: KnownPlace

  constructor(object: JsonObject, place: KnownPlace) {
    this.#place = place
    for (const [key, value] of Object.entries(object)) {
      if (place.isVoid(key, value)) continue
      const isScalar = typeof value !== 'object'
      this.#members.set(key, isScalar ? value : expect(value, place.child(key)))
    }
  }

  isMetBy(found: JsonValue, view: ServerView): boolean {
    return isJsonObject(found) && this.isMetByMembers(found, view, none)
  }

  /** @param passedOver members that are not bound */
  isMetByMembers(found: JsonObject, view: ServerView, passedOver: ReadonlySet<string>): boolean {
    let present = 0
    // Parsed objects inherit nothing enumerable, and a list of the keys costs more than a comparison.
    for (const key in found) {
      if (passedOver.has(key)) continue
      const value = found[key] ?? null
      const expected = this.#members.get(key)
      if (expected === undefined) {
        if (!this.#mayBeAdded(key, found, view)) return false
      } else if (isMet(expected, value, view) || this.#isQuantity(key, expected, value))
        present += 1
      else return false
    }
    return present === this.#members.size
  }

  #mayBeAdded(key: string, holder: JsonObject, view: ServerView): boolean {
    const value = holder[key] ?? null
    if (this.#place.isVoid(key, value)) return true
    if (isDefaultValue(this.#place.defaultsOf(key), value, holder)) return true
    // The account, which is compared, under its older name.
    if (key === 'serviceAccount' && this.#members.has('serviceAccountName'))
      return value === holder.serviceAccountName
    const { names } = this.#place
    const hasParallelism = this.#members.has('parallelism')
    const added = { holder: names.at(-1), key, found: value, hasParallelism }
    return isJobAddition(added, view) || isKnownPart([...names, key], value, view)
  }

  #isQuantity(name: string, expected: Expected, found: JsonValue): boolean {
    const holder = this.#place.names.at(-1) ?? ''
    const isScalar = typeof expected !== 'object'
    return isScalar && isSameQuantity({ name, holder }, expected, found)
  }
}

/** Whether nothing is in a value that was added but what the API server or the CRD is known to set. */
function isKnownPart(names: readonly string[], value: JsonValue, view: ServerView): boolean {
  if (isVoidIn(view, names.at(-1) ?? '', value)) return true
  if (!isJsonObject(value)) return false
  const members = Object.entries(value)
  return (
    members.length > 0 &&
    members.every(([key, found]) => {
      const path = [...names, key]
      if (isDefaultValue(knownDefaultsAt(view, path), found, value)) return true
      const added = { holder: names.at(-1), key, found, hasParallelism: true }
      return isJobAddition(added, view) || isKnownPart(path, found, view)
    })
  )
}
