import { annotations } from '../../evidence/annotations.ts'
import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { RenderContext } from '../context.ts'
import type { Manifest } from '../manifest.ts'

/** Adds the annotations with the commit, the repository and the names of the model to every object. */
export function stamp(
  manifests: readonly Manifest[],
  context: RenderContext,
  stampPodTemplates: boolean
): readonly Manifest[] {
  const stamps = stampsOf(context)
  return manifests.map(manifest => {
    const stamped = annotate(manifest.object, stamps)
    return {
      ...manifest,
      object: stampPodTemplates ? annotatePodTemplates(stamped, stamps) : stamped
    }
  })
}

/** Returns the object with added annotations; existing ones with the same name are replaced. */
export function annotate(object: JsonObject, added: Readonly<Record<string, string>>): JsonObject {
  const metadata = member(object, 'metadata')
  const own = isJsonObject(metadata) ? metadata : {}
  const present = member(own, 'annotations')
  return {
    ...object,
    metadata: { ...own, annotations: { ...(isJsonObject(present) ? present : {}), ...added } }
  }
}

function stampsOf(context: RenderContext): Readonly<Record<string, string>> {
  const { commit, repository, modelCommit, modelDigest, isDirty } = context
  return {
    [annotations.gitCommit]: commit,
    ...(repository === undefined ? {} : { [annotations.gitRepo]: repository.url }),
    ...(modelCommit === undefined ? {} : { [annotations.modelCommit]: modelCommit }),
    [annotations.modelDigest]: modelDigest,
    ...(isDirty ? { [annotations.gitDirty]: 'true' } : {})
  }
}

/** Annotates every mapping named `template` whose spec has containers, at any depth. */
function annotatePodTemplates(
  object: JsonObject,
  stamps: Readonly<Record<string, string>>
): JsonObject {
  const entries = Object.entries(object).map(([key, value]) => [key, descend(key, value, stamps)])
  return Object.fromEntries(entries) as JsonObject
}

function descend(
  key: string,
  value: JsonValue,
  stamps: Readonly<Record<string, string>>
): JsonValue {
  if (isJsonArray(value)) return value.map(item => descend(key, item, stamps))
  if (!isJsonObject(value)) return value
  const inner = annotatePodTemplates(value, stamps)
  const isPodTemplate =
    key === 'template' && isJsonArray(member(member(value, 'spec'), 'containers'))
  return isPodTemplate ? annotate(inner, stamps) : inner
}
