import { Fault } from '../fault.ts'
import { isJsonArray, isJsonObject } from '../json.ts'
import type { JsonObject, JsonValue } from '../json.ts'

/** The objects that a merge key (`<<`) takes its keys from. @throws {Fault} `YAML_INVALID` */
export function mergeSources(value: JsonValue): readonly JsonObject[] {
  if (isJsonObject(value)) return [value]
  if (isJsonArray(value) && value.every(isJsonObject)) return value
  throw new Fault('YAML_INVALID', 'a merge key (<<) takes an object or a list of objects')
}

/**
 * Refuses a merge key after an explicit key that it also brings. kubectl and Helm (sigs.k8s.io/yaml) read the
 * keys in the order of the text, so that the merge key replaces the explicit key; by YAML's rule the explicit
 * key stays.
 *
 * @param before the explicit keys before the merge key
 * @throws {Fault} `YAML_INVALID`
 */
export function refuseLateMerge(
  before: Readonly<Record<string, JsonValue>>,
  sources: readonly JsonObject[]
): void {
  const isLate = sources.some(source => Object.keys(source).some(key => Object.hasOwn(before, key)))
  if (!isLate) return
  throw new Fault(
    'YAML_INVALID',
    'a merge key (<<) follows a key that it also brings: kubectl lets it replace that key, YAML does not',
    { remedy: 'Reorder the keys: write the merge key first, then the keys that replace its own.' }
  )
}

/** Merged keys fill gaps only; of several sources the first that has a key wins (YAML 1.1 merge). */
export function applyMerges(
  members: Record<string, JsonValue>,
  sources: readonly JsonObject[]
): void {
  for (const source of sources) {
    for (const [key, value] of Object.entries(source)) {
      if (!Object.hasOwn(members, key)) members[key] = value
    }
  }
}
