import type { JsonObject } from '../../common/json.ts'
import { identify } from '../../evidence/identity.ts'
import { compilePath } from '../../evidence/workload/path.ts'
import { walk } from '../../evidence/workload/walk.ts'

const servers = compilePath('spec.(predictor|transformer|explainer){}.runtimeVersion')

/**
 * What KServe makes of the images of a runtime (`UpdateImageTag` in its controller): an InferenceService
 * can give the tag, and without one the image for GPUs has the suffix `-gpu` in its tag, that of vLLM
 * without them `-cpu` in its name. A digest is kept.
 */
export function runtimeImages(object: JsonObject, images: readonly string[]): readonly string[] {
  const { group, kind } = identify(object)
  if (group !== 'serving.kserve.io' || kind !== 'InferenceService') return []
  const versions = runtimeVersionsOf(object)
  return images
    .filter(image => !image.includes('@'))
    .flatMap(image => {
      const [, name = image, tag] = /^(.*?)(?::([\w.-]+))?$/.exec(image) ?? []
      const given = versions.map(version => `${name}:${version}`)
      return tag === undefined ? given : [...given, `${name}:${tag}-gpu`, `${name}-cpu:${tag}`]
    })
}

/** KServe runs the image of a model with an `oci://` URI beside the server (`InjectModelcar`). */
export function modelImages(models: readonly string[]): readonly string[] {
  return models.flatMap(model => (model.startsWith('oci://') ? [model.slice('oci://'.length)] : []))
}

function runtimeVersionsOf(object: JsonObject): readonly string[] {
  return walk(object, servers, { steps: 2_000, ends: 200 }).flatMap(({ value, obstacle }) =>
    obstacle === undefined && typeof value === 'string' ? [value] : []
  )
}
