import { member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { identify } from '../manifest.ts'
import type { PatchTarget } from './patch.ts'

/** Whether a target matches an object. An empty target matches every object. */
export function matchesTarget(target: PatchTarget, object: JsonObject): boolean {
  const identity = identify(object)
  const metadata = member(object, 'metadata')
  const isSame = (['group', 'version', 'kind', 'name', 'namespace'] as const).every(
    field => target[field] === undefined || target[field] === identity[field]
  )
  return (
    isSame &&
    hasAll(member(metadata, 'labels'), target.labels) &&
    hasAll(member(metadata, 'annotations'), target.annotations)
  )
}

function hasAll(
  found: JsonValue | undefined,
  wanted: Readonly<Record<string, string>> | undefined
): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => member(found, key) === value)
}
