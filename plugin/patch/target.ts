import { member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { identify } from '../manifest.ts'
import type { PatchTarget } from './patch.ts'

/** Whether a patch is for this object. An empty target is for every object. */
export function matchesTarget(target: PatchTarget, object: JsonObject): boolean {
  const identity = identify(object)
  const metadata = member(object, 'metadata')
  const isSame = (['group', 'version', 'kind', 'name', 'namespace'] as const).every(
    field => target[field] === undefined || target[field] === identity[field]
  )
  return (
    isSame &&
    holdsAll(member(metadata, 'labels'), target.labels) &&
    holdsAll(member(metadata, 'annotations'), target.annotations)
  )
}

function holdsAll(
  found: JsonValue | undefined,
  wanted: Readonly<Record<string, string>> | undefined
): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => member(found, key) === value)
}
