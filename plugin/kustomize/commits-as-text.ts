import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { resolvePlain } from '../../common/yaml/scalar.ts'

/** Fields whose values are strings in every Kubernetes object. */
const textMaps = new Set([
  'labels',
  'annotations',
  'matchLabels',
  'nodeSelector',
  'data',
  'stringData'
])
const texts = new Set(['name', 'namespace', 'value'])

/** A smaller number can well be another one. */
const leastNumber = 10_000

/**
 * Returns a document of kustomize's output with commits in place of the numbers that kustomize made of them.
 * A replacement with `create: true` reads the commit `0123456` as an octal number and `81111e1` as a float.
 * Only fields that are strings are changed.
 */
export function commitsAsText(value: JsonValue, commits: ReadonlySet<string>): JsonValue {
  const known = new Map<JsonValue, string>()
  const twice = new Set<JsonValue>()
  for (const text of commits) {
    const number = resolvePlain(text)
    if (typeof number === 'string' || Number(number) < leastNumber) continue
    if (known.has(number)) twice.add(number)
    known.set(number, text)
  }
  for (const number of twice) known.delete(number)
  return known.size === 0 ? value : restore(value, '', known)
}

function restore(
  value: JsonValue,
  above: string,
  known: ReadonlyMap<JsonValue, string>
): JsonValue {
  if (isJsonArray(value)) return value.map(item => restore(item, above, known))
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).map(([key, inner]): readonly [string, JsonValue] => {
    if (typeof inner === 'object') return [key, restore(inner, key, known)]
    const isText = textMaps.has(above) || texts.has(key)
    return [key, isText ? (known.get(inner) ?? inner) : inner]
  })
  return Object.fromEntries(entries) satisfies JsonObject
}
