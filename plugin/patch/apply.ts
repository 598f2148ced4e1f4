import { Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { isJsonObject } from '../../common/json.ts'
import type { Manifest } from '../manifest.ts'
import { jsonPatch } from './json-patch.ts'
import { mergePatch } from './merge-patch.ts'
import type { Patch } from './patch.ts'
import { strategicMerge } from './strategic-merge.ts'
import { matchesTarget } from './target.ts'

/**
 * Applies patches in order. A patch that matches no object is a fault: a typo or a renamed object would
 * otherwise drop, for example, a resource limit silently.
 *
 * @param file the file with the patches, for messages
 * @throws {Fault} `PATCH_UNUSED`, `PATCH_FAILED`, `PATCH_INVALID`
 */
export function applyPatches(
  manifests: readonly Manifest[],
  patches: readonly Patch[],
  file: string
): readonly Manifest[] {
  return patches.reduce<readonly Manifest[]>((current, patch, index) => {
    const where = `${file}: patch ${index}`
    if (!current.some(({ object }) => matchesTarget(patch.target, object))) {
      throw new Fault('PATCH_UNUSED', 'the patch matches no object', {
        where,
        found: `target ${JSON.stringify(patch.target)}`,
        remedy: 'Fix its target, or remove the patch.'
      })
    }
    return current.flatMap(manifest => {
      if (!matchesTarget(patch.target, manifest.object)) return [manifest]
      const object = patchOne(manifest.object, patch, where)
      return Object.keys(object).length === 0 ? [] : [{ ...manifest, object }]
    })
  }, manifests)
}

function patchOne(object: JsonObject, patch: Patch, where: string): JsonObject {
  try {
    const merged = patch.strategic === undefined ? object : strategicMerge(object, patch.strategic)
    const replaced = patch.merge === undefined ? merged : mergePatch(merged, patch.merge)
    const result = isJsonObject(replaced) ? replaced : {}
    return patch.json === undefined ? result : jsonPatch(result, patch.json)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new Fault(error.code, error.message, { ...error.details, where })
  }
}
