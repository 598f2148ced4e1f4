import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { resolvePlain } from '../../common/yaml/scalar.ts'

/** Objects whose values are strings wherever they are in a Kubernetes object. */
const textMaps = new Set([
  'labels',
  'annotations',
  'matchLabels',
  'nodeSelector',
  'data',
  'stringData'
])

/** A smaller number can well be another one, such as a port. */
const leastNumber = 10_000

/** What kustomize makes of commits: the text for a number, or undefined where it cannot be known. */
type NumberedCommits = ReadonlyMap<JsonValue, string | undefined>

/**
 * Returns a document of kustomize's output with commits in place of the numbers that kustomize made of them.
 * A replacement with `create: true` reads the commit `0123456` as an octal number and `81111e1` as a float.
 *
 * @param where the kustomization, for messages
 * @throws {Fault} `OBJECT_INVALID` for a number in a field of strings that can be a commit, such as 83 for
 *   `0000123`
 */
export function commitsAsText(
  value: JsonValue,
  commits: ReadonlySet<string>,
  where: string
): JsonValue {
  const known = new Map<JsonValue, string | undefined>()
  for (const text of commits) {
    const number = resolvePlain(text)
    if (typeof number === 'string') continue
    known.set(number, Number(number) < leastNumber || known.has(number) ? undefined : text)
  }
  return known.size === 0 ? value : new Restorer(known, where).restore(value, '')
}

class Restorer {
  readonly #known: NumberedCommits
  readonly #where: string

  constructor(known: NumberedCommits, where: string) {
    this.#known = known
    this.#where = where
  }

  restore(value: JsonValue, above: string): JsonValue {
    if (isJsonArray(value)) return value.map(item => this.restore(item, above))
    if (!isJsonObject(value)) return this.#known.get(value) ?? value
    const entries = Object.entries(value).map(([key, inner]): [string, JsonValue] => {
      if (this.#isLost(inner) && isText(value, key, above)) throw lost(key, this.#where)
      return [key, this.restore(inner, key)]
    })
    return Object.fromEntries(entries) satisfies JsonObject
  }

  #isLost(value: JsonValue): boolean {
    return this.#known.has(value) && this.#known.get(value) === undefined
  }
}

/** Whether a member is a string in Kubernetes: of a map of strings, a name, or the value of a variable. */
function isText(object: JsonObject, key: string, above: string): boolean {
  if (textMaps.has(above) || key === 'name' || key === 'namespace') return true
  return key === 'value' && typeof object.name === 'string'
}

function lost(key: string, where: string): Fault {
  return new Fault('OBJECT_INVALID', 'kustomize made a number of a string, perhaps of a commit', {
    where,
    found: `a number in the field ${JSON.stringify(key.slice(0, 120))}`,
    expected: 'a string',
    remedy:
      'Write ${GIT_COMMIT_SHORT} into the field itself, or let the replacement change a field that exists: options.create drops the quotes.'
  })
}
